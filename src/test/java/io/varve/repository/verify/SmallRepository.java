package io.varve.repository.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.varve.blob.BlobId;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.SeededBytes;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.ImageBackups;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.RestoreRange;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositorySettings;
import io.varve.volume.BlockRun;
import io.varve.volume.Extent;
import io.varve.volume.MemoryBlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A repository in memory that holds a full and an incremental backup of 12 MiB: zeros, text and
 * random bytes, the last block cut.
 */
final class SmallRepository {

    private static final int MIB = 1 << 20;
    private static final int IMAGE_BYTES = 12 * MIB - 5000;

    private final Path folder;
    private final MemoryBlobStorage disk = new MemoryBlobStorage();
    private final Map<String, byte[]> imageByBackup = new LinkedHashMap<>();
    private final byte[] restored = new byte[IMAGE_BYTES];

    /**
     * @param folder for images
     */
    SmallRepository(Path folder, Compression compression, SeededBytes random) throws IOException {
        this.folder = Files.createDirectories(folder);
        CreateOptions options =
                new CreateOptions(
                        HashAlgorithm.BLAKE2B_256_128,
                        EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                        compression);
        try (Repository repository =
                new RepositoryCreator(disk, settings()).create(options, password())) {
            ImageBackups ours = new ImageBackups(repository, "disk", "volume-1");
            Path first = Files.write(folder.resolve("first.img"), image(random));
            String full = ours.run(ours.full(first, "change-1"), 2).backupId();
            imageByBackup.put(full, Files.readAllBytes(first));
            Path second = Files.copy(first, folder.resolve("second.img"));
            Extent changed = new Extent(6L * MIB - 100_000, 200_000);
            try (FileChannel file = FileChannel.open(second, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(random.next(200_000)), changed.offset());
            }
            Path ranges = ImageBackups.ranges(folder.resolve("changed.json"), changed);
            BackupRequest request =
                    ours.incremental(
                            second, BackupRequest.PARENT_AUTO, ranges, "change-1", "change-2");
            imageByBackup.put(ours.run(request, 2).backupId(), Files.readAllBytes(second));
        }
    }

    private static byte[] image(SeededBytes random) {
        byte[] image = new byte[IMAGE_BYTES];
        byte[] text = "a line of text that compresses\n".repeat(4 * MIB / 31).getBytes(US_ASCII);
        System.arraycopy(text, 0, image, MIB, text.length);
        byte[] noise = random.next(4 * MIB);
        System.arraycopy(noise, 0, image, 7 * MIB, noise.length);
        image[IMAGE_BYTES - 1] = 1;
        return image;
    }

    /** What rests in the storage; a test may damage it, and puts it right again. */
    MemoryBlobStorage disk() {
        return disk;
    }

    /** Opens what the storage holds now. */
    Repository open() throws IOException {
        return Repository.open(disk, password(), settings());
    }

    private static char[] password() {
        return "correct horse".toCharArray();
    }

    private RepositorySettings settings() {
        return new RepositorySettings(
                folder.resolve("cache"), InstantSource.system(), new SecureRandom());
    }

    /** Id of a block of zeros in {@code repository}. */
    static ContentId zeroBlock(Repository repository) {
        byte[] hash = repository.newContentHasher().hash(ByteBuffer.allocate(MIB));
        return ContentId.of(ContentId.NO_PREFIX, hash);
    }

    /** Ids of the backups, older first. */
    List<String> backups() {
        return List.copyOf(imageByBackup.keySet());
    }

    /** Ids of the blobs that begin with {@code prefix}, ascending. */
    List<BlobId> blobs(String prefix) {
        List<BlobId> blobs = new ArrayList<>();
        disk.list(prefix, blob -> blobs.add(blob.id()));
        return blobs;
    }

    /**
     * Restores a backup over other bytes.
     *
     * @return the first byte that is not as it was backed up; -1 if all are
     */
    int restoredMismatch(Repository repository, String backup) throws IOException {
        Arrays.fill(restored, (byte) 0xa5);
        try (MemoryBlockDevice target = new MemoryBlockDevice(restored);
                BlockRestore restore =
                        BlockRestore.open(
                                repository,
                                repository.backups().get(backup),
                                target,
                                RestoreMode.WHOLE,
                                new TransferProgress());
                RestoreRange range = restore.range(0, restore.blocks())) {
            range.restore(new BlockRun(0, restore.blocks()));
            range.flush();
        }
        return Arrays.mismatch(restored, Objects.requireNonNull(imageByBackup.get(backup)));
    }
}
