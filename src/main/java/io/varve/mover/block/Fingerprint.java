package io.varve.mover.block;

import io.varve.cbt.ranges.RangesFile;
import io.varve.repository.Backup;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Sums up everything that must be the same when a run goes on after its process died. A mixture of
 * two points in time would be a backup of none.
 */
final class Fingerprint {

    private final String repositoryId;

    Fingerprint(String repositoryId) {
        this.repositoryId = repositoryId;
    }

    /** SHA-256 of all inputs, in hex. */
    String of(
            BackupRequest request,
            ParentChoice choice,
            BlockDevice device,
            Optional<RangesFile> changed,
            Optional<RangesFile> allocated)
            throws IOException {
        String parent =
                switch (choice) {
                    case ParentChoice.Parent(var backup) -> backup.id();
                    case ParentChoice.NoParent(var reason) -> reason.name();
                };
        List<String> inputs =
                List.of(
                        repositoryId,
                        request.volume(),
                        request.volumeId(),
                        request.device(),
                        request.type().name(),
                        request.parent(),
                        parent,
                        request.cbt().name(),
                        request.changeId().orElse(""),
                        request.baseChangeId().orElse(""),
                        changed.map(RangesFile::sha256).orElse(""),
                        allocated.map(RangesFile::sha256).orElse(""),
                        Long.toString(device.size()),
                        device.state());
        return sum(inputs);
    }

    /** The same where the storage tracks changes; the device is not known yet. */
    String of(
            BackupRequest request,
            Optional<Backup> parent,
            Optional<FullReason> reason,
            BackupDraft.Coverage coverage,
            BlockBitmap blocks) {
        return sum(
                List.of(
                        repositoryId,
                        request.volume(),
                        request.volumeId(),
                        request.type().name(),
                        request.parent(),
                        parent.map(Backup::id).or(() -> reason.map(Enum::name)).orElseThrow(),
                        request.cbt().name(),
                        request.changeId().orElse(""),
                        parent.flatMap(Backup::changeId).orElse(""),
                        coverage.name(),
                        sha256(blocks.toBytes())));
    }

    /** Lengths before the parts: no two lists give the same text. */
    private static String sum(List<String> inputs) {
        String text =
                inputs.stream()
                        .map(input -> input.length() + ":" + input)
                        .collect(Collectors.joining(","));
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
