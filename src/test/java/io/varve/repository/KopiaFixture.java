package io.varve.repository;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A repository that kopia wrote, and what kopia says is in it: a folder with {@code repo/}, {@code
 * expected.json} (password; files by snapshot) and {@code contents.json} (the index).
 *
 * @param snapshots by id: by path what lies there, as {@link FileTree} writes it
 * @param contents all of the index, deleted ones included
 */
record KopiaFixture(
        Path folder,
        String password,
        Map<String, Map<String, String>> snapshots,
        List<IndexEntry> contents) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The fixtures in {@code folder}, each a folder, by name. */
    static List<Path> allIn(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    static KopiaFixture read(Path folder) {
        JsonNode expected = JSON.readTree(folder.resolve("expected.json"));
        Map<String, Map<String, String>> snapshots = new TreeMap<>();
        for (Map.Entry<String, JsonNode> snapshot : expected.get("snapshots").properties()) {
            Map<String, String> files = new TreeMap<>();
            for (Map.Entry<String, JsonNode> file : snapshot.getValue().properties()) {
                files.put(file.getKey(), description(file.getValue()));
            }
            snapshots.put(snapshot.getKey(), files);
        }
        List<IndexEntry> contents = new ArrayList<>();
        for (JsonNode content : JSON.readTree(folder.resolve("contents.json"))) {
            contents.add(entry(content));
        }
        return new KopiaFixture(
                folder, expected.get("password").stringValue(), snapshots, contents);
    }

    /** The words of the array, as they are. */
    private static String description(JsonNode words) {
        return words.valueStream().map(JsonNode::asString).collect(Collectors.joining(" "));
    }

    private static IndexEntry entry(JsonNode content) {
        try {
            return new IndexEntry(
                    ContentId.parse(content.get("contentID").stringValue()),
                    content.get("packFile").stringValue(),
                    content.get("packOffset").intValue(),
                    content.get("length").intValue(),
                    content.get("originalLength").intValue(),
                    content.path("compression").asInt(0),
                    content.get("formatVersion").intValue(),
                    content.get("time").longValue(),
                    content.get("deleted").booleanValue());
        } catch (IOException e) {
            throw new IllegalArgumentException(content.toString(), e);
        }
    }

    Path repository() {
        return folder.resolve("repo");
    }

    /** Its last name: tests show it. */
    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
