package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BenchmarkCommandTest {

    @TempDir private Path folder;

    private Result run(String... words) {
        return new VarveInProcess(folder)
                .run(
                        Stream.concat(Stream.of("benchmark"), Stream.of(words))
                                .toArray(String[]::new));
    }

    @Test
    void eachStageHasItsRateAndNothingIsLeft() throws IOException {
        Path target = Files.createDirectory(folder.resolve("target"));
        Path image = SeededImage.create(folder.resolve("disk.img"), 12, 1).path();

        Result result =
                run("--seconds", "1", "--json", "--device", "" + image, "--folder", "" + target);

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode document = result.json();
        assertThat(document.get("stages").valueStream().map(each -> each.get("stage").asString()))
                .containsExactly("read", "find zeros", "hash", "compress", "encrypt", "write");
        assertThat(document.get("stages").valueStream())
                .allSatisfy(each -> assertThat(each.get("mibPerSecond").asDouble()).isPositive());
        assertThat(document.get("uncompressed").get("mibPerSecondAndStream").asDouble())
                .isPositive();
        assertThat(document.get("recommendedStreams").asInt()).isBetween(1, 16);
        assertThat(document.get("recommendedCompression").asString()).isIn("none", "zstd-fastest");
        try (Stream<Path> left = Files.list(target)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatCannotBeMeasuredIsRefused() throws IOException {
        Path small = Files.write(folder.resolve("small.img"), new byte[4096]);

        assertThat(run("--device", "" + small).code()).isEqualTo(2);
        assertThat(run("--device", "" + small).err()).contains("4096 bytes", "at least 8388608");
        assertThat(run("--device", folder.resolve("none").toString()).code()).isEqualTo(2);
        assertThat(run("--folder", small.toString()).code()).isEqualTo(2);
        assertThat(run("--seconds", "0").err()).contains("1 to 60");
    }
}
