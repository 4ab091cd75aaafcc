package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.ContentId;
import io.varve.format.ObjectId;
import io.varve.format.json.Rfc3339;
import io.varve.format.manifest.SnapshotManifest;
import io.varve.format.manifest.SnapshotSource;
import io.varve.format.manifest.SnapshotStats;
import io.varve.format.object.Directory;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.EntryType;
import io.varve.format.object.FileMode;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListWriter;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.WriteSession;
import io.varve.repository.object.ObjectWriter;
import io.varve.repository.verify.Verifier;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verification of file trees, which others write. */
class TreeVerifierTest {

    private static final String TREE = "cd".repeat(16);
    private static final int CONTENT_BYTES = 1000;

    private BackupHarness harness;
    private Repository repository;
    private WriteSession session;

    @BeforeEach
    void beginSession() throws IOException {
        harness = new BackupHarness();
        repository = harness.repository();
        session = repository.newSession();
    }

    @AfterEach
    void close() throws IOException {
        session.close();
        harness.close();
    }

    @Test
    void aFileWhoseSizeIsThatOfItsContentIsSound() throws IOException {
        ObjectId content = content(1);
        assertThat(verify(root(file("one", CONTENT_BYTES, content)))).isEmpty();
        ObjectId list = list(entry(0, CONTENT_BYTES, content), entry(CONTENT_BYTES, 1000, content));
        assertThat(verify(root(file("two", 2 * CONTENT_BYTES, list)))).isEmpty();
        ObjectId nested = list(entry(0, 2 * CONTENT_BYTES, list));
        assertThat(verify(root(file("nested", 2 * CONTENT_BYTES, nested)))).isEmpty();
    }

    @Test
    void aFileOfAnotherSizeThanItsOnlyContentIsDamage() throws IOException {
        assertThat(verify(root(file("one", CONTENT_BYTES + 1, content(1)))))
                .singleElement()
                .satisfies(
                        found ->
                                assertThat(found.problem())
                                        .contains("it has 1000 bytes, the backup needs 1001"));
    }

    @Test
    void aFileOfAnotherSizeThanItsListIsDamage() throws IOException {
        ObjectId list = list(entry(0, CONTENT_BYTES, content(1)));
        assertThat(verify(root(file("one", CONTENT_BYTES - 1, list))))
                .singleElement()
                .satisfies(
                        found ->
                                assertThat(found.problem())
                                        .contains("ends at byte 1000, not at 999"));
        ObjectId nested = list(entry(0, CONTENT_BYTES - 1, list));
        assertThat(verify(root(file("nested", CONTENT_BYTES - 1, nested))))
                .singleElement()
                .satisfies(
                        found ->
                                assertThat(found.problem())
                                        .contains("ends at byte 1000, not at 999"));
    }

    @Test
    void aChunkOfAnotherLengthThanItsListSaysIsDamageThere() throws IOException {
        ObjectId list =
                list(entry(0, CONTENT_BYTES, content(1)), entry(CONTENT_BYTES, 999, content(2)));
        assertThat(verify(root(file("one", CONTENT_BYTES + 999, list))))
                .singleElement()
                .satisfies(
                        found -> {
                            assertThat(found.problem()).contains("the backup needs 999");
                            assertThat(found.offset()).isEqualTo(CONTENT_BYTES);
                            assertThat(found.length()).isEqualTo(999);
                        });
    }

    @Test
    void whatARestoreRefusesIsDamage() throws IOException {
        assertThat(verify(root(file("../one", CONTENT_BYTES, content(1)))))
                .singleElement()
                .satisfies(found -> assertThat(found.problem()).contains("is no file name"));
        DirectoryEntry nothing = file("nothing", 0, content(1));
        assertThat(verify(root(withoutObject(nothing))))
                .singleElement()
                .satisfies(found -> assertThat(found.problem()).contains("has no object"));
    }

    /** Breadth first, a walk would hold a whole level of the tree at a time. */
    @Test
    void treesAreWalkedDepthFirst() throws IOException {
        ObjectId deep = absent(1);
        ObjectId wide = absent(2);
        DirectoryEntry root =
                root(
                        directory("a", directory("b", file("deep", CONTENT_BYTES, deep))),
                        directory("c", file("wide", CONTENT_BYTES, wide)));
        assertThat(verify(root))
                .extracting(Damaged::contentId)
                .containsExactly(deep.toString(), wide.toString());
    }

    private List<Damaged> verify(DirectoryEntry root) throws IOException {
        SnapshotManifest manifest =
                new SnapshotManifest(
                        new SnapshotSource("host", "user", "/tree"),
                        "",
                        repository.now(),
                        repository.now(),
                        SnapshotStats.ofVolume(0),
                        "",
                        Optional.of(root),
                        Map.of(),
                        List.of());
        repository.backups().put(session, new Backup(TREE, manifest));
        session.flush();
        return new Verifier(repository, 100).verify(List.of(TREE)).damaged();
    }

    /** A content of {@link #CONTENT_BYTES} bytes. */
    private ObjectId content(int value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(CONTENT_BYTES).put(0, (byte) value);
        return ObjectId.of(session.storeMetadata('h', bytes));
    }

    private static ObjectId absent(int value) {
        return ObjectId.of(ContentId.of('h', new byte[] {(byte) value, 1, 2, 3}));
    }

    private static IndirectEntry entry(long start, long length, ObjectId object) {
        return new IndirectEntry(start, length, object);
    }

    private ObjectId list(IndirectEntry... entries) throws IOException {
        try (ObjectWriter out = new ObjectWriter(session, 'x')) {
            IndirectListWriter list = new IndirectListWriter(out);
            for (IndirectEntry entry : entries) {
                list.write(entry);
            }
            list.finish();
            return ObjectId.listedIn(out.finish());
        }
    }

    private static DirectoryEntry file(String name, long size, ObjectId object) {
        return DirectoryEntry.file(name, new FileMode(0644), size, Rfc3339.UNSET, object);
    }

    private static DirectoryEntry withoutObject(DirectoryEntry file) {
        return new DirectoryEntry(
                file.name(),
                file.type(),
                file.mode(),
                file.size(),
                file.modified(),
                0,
                0,
                Optional.empty(),
                Optional.empty());
    }

    private DirectoryEntry root(DirectoryEntry... entries) throws IOException {
        return directory("", entries);
    }

    private DirectoryEntry directory(String name, DirectoryEntry... entries) throws IOException {
        try (ObjectWriter out = new ObjectWriter(session, 'k')) {
            out.write(new Directory(List.of(entries), Optional.empty()).encode());
            return new DirectoryEntry(
                    name,
                    EntryType.DIRECTORY,
                    new FileMode(0755),
                    0,
                    Rfc3339.UNSET,
                    0,
                    0,
                    Optional.of(out.finish()),
                    Optional.empty());
        }
    }
}
