package io.varve.cli;

import io.varve.cli.Output.Fact;
import io.varve.mover.block.FullReason;
import io.varve.mover.block.TrackingFault;
import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that the repository says of one backup: JSON of {@code backup show}.
 *
 * @param uploader who wrote it: {@code varve}, {@code velero-block}; empty for kopia
 * @param account what became of each byte, if its writer tells
 * @param directIo whether the source was read past the page cache, if its writer tells
 * @param directIoReason why it was not
 */
record BackupDetails(
        String backupId,
        String volume,
        String source,
        String uploader,
        Instant startTime,
        Instant endTime,
        Optional<String> requestedType,
        Optional<String> type,
        Optional<String> reason,
        Optional<String> parentId,
        Optional<String> volumeId,
        Optional<String> changeId,
        long volumeBytes,
        Optional<Account> account,
        Optional<Boolean> directIo,
        Optional<String> directIoReason,
        Optional<String> run,
        String description,
        List<String> pins,
        Map<String, String> tags) {

    private static final String DIRECT = "direct";

    /** What became of each byte of the volume; {@code writtenBytes} reached the storage. */
    record Account(
            long unallocatedBytes,
            long unchangedBytes,
            long zeroBytes,
            long deduplicatedBytes,
            long storedBytes,
            long writtenBytes) {

        private static final int COUNTERS = 6;

        static Optional<Account> of(Backup backup) {
            Optional<long[]> counters =
                    backup.tag(BackupTags.ACCOUNT)
                            .filter(text -> text.matches("[0-9]{1,18}(,[0-9]{1,18})*"))
                            .map(
                                    text ->
                                            Arrays.stream(text.split(","))
                                                    .mapToLong(Long::parseLong)
                                                    .toArray());
            return counters.filter(bytes -> bytes.length == COUNTERS)
                    .map(
                            bytes ->
                                    new Account(
                                            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                                            bytes[5]));
        }
    }

    static BackupDetails of(Backup backup) {
        Optional<String> io = backup.tag(BackupTags.IO);
        return new BackupDetails(
                backup.id(),
                backup.volume(),
                backup.manifest().source().toString(),
                backup.tag(BackupTags.UPLOADER).orElse(""),
                backup.startTime(),
                backup.manifest().endTime(),
                backup.tag(BackupTags.REQUESTED_TYPE),
                backup.type(),
                backup.tag(BackupTags.REASON),
                backup.parentId(),
                backup.volumeId(),
                backup.changeId(),
                backup.volumeBytes(),
                Account.of(backup),
                io.map(DIRECT::equals),
                io.filter(text -> !DIRECT.equals(text)),
                backup.tag(BackupTags.RUN),
                backup.manifest().description(),
                backup.manifest().pins(),
                backup.tags());
    }

    List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("backup", backupId));
        facts.add(new Fact("volume", volume));
        facts.add(new Fact("source", source));
        facts.add(new Fact("started", Figures.instant(startTime)));
        facts.add(new Fact("ended", Figures.instant(endTime)));
        facts.add(new Fact("size", Figures.bytes(volumeBytes)));
        type.ifPresent(value -> facts.add(new Fact("type", typeInWords(value))));
        parentId.ifPresent(value -> facts.add(new Fact("parent", value)));
        volumeId.ifPresent(value -> facts.add(new Fact("volume id", value)));
        changeId.ifPresent(value -> facts.add(new Fact("change id", value)));
        Optional.ofNullable(tags.get(BackupTags.SINCE_WHOLE))
                .filter(count -> !count.isEmpty())
                .ifPresent(count -> facts.add(new Fact("read whole", wholeInWords(count))));
        Optional.ofNullable(tags.get(BackupTags.FAULT))
                .flatMap(TrackingFault::read)
                .ifPresent(fault -> facts.add(new Fact("tracking", faultInWords(fault))));
        account.ifPresent(bytes -> facts.addAll(accountFacts(bytes)));
        directIo.ifPresent(
                direct ->
                        facts.add(
                                new Fact(
                                        "direct I/O",
                                        direct ? "yes" : "no: " + directIoReason.orElse(""))));
        run.ifPresent(value -> facts.add(new Fact("run", value)));
        facts.add(new Fact("description", description));
        facts.add(new Fact("pins", String.join(", ", pins)));
        return facts;
    }

    private static String wholeInWords(String count) {
        return count.equals("0") ? "yes" : "no; backups since one was: " + count;
    }

    private String faultInWords(TrackingFault fault) {
        return fault.backupId().equals(backupId)
                ? fault.text()
                : "backup %s found: %s".formatted(fault.backupId(), fault.text());
    }

    private String typeInWords(String value) {
        Optional<FullReason> known =
                reason.flatMap(
                        name ->
                                Arrays.stream(FullReason.values())
                                        .filter(full -> full.name().equals(name))
                                        .findFirst());
        return known.map(full -> "%s, because %s (%s)".formatted(value, full.text(), full))
                .orElse(value);
    }

    private static List<Fact> accountFacts(Account bytes) {
        return List.of(
                new Fact("unallocated", Figures.bytes(bytes.unallocatedBytes())),
                new Fact("unchanged", Figures.bytes(bytes.unchangedBytes())),
                new Fact("zero", Figures.bytes(bytes.zeroBytes())),
                new Fact("deduplicated", Figures.bytes(bytes.deduplicatedBytes())),
                new Fact("stored", Figures.bytes(bytes.storedBytes())),
                new Fact("written", Figures.bytes(bytes.writtenBytes())));
    }
}
