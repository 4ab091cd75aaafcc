package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.HistoryRows.Account;
import io.varve.catalog.HistoryRows.End;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each column of each view; {@code -} stands for null. */
@EveryDatabase
class HistoryViewsTest {

    private static final String REPOSITORY = HistoryRows.REPOSITORY;
    private static final Optional<String> FIRST = Optional.of("FIRST_BACKUP");
    private static final Optional<String> INCREMENTAL = Optional.empty();

    private final OpenCatalog catalog;
    private final HistoryRows history;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    HistoryViewsTest(TestDatabase kind, @TempDir Path folder) {
        catalog = new OpenCatalog(kind.create(folder));
        history = new HistoryRows(catalog);
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private Instant hoursAgo(int hours) {
        return now.minus(Duration.ofHours(hours));
    }

    private static Instant after(Instant start, int minutes) {
        return start.plus(Duration.ofMinutes(minutes));
    }

    private List<String> view(String name, String order) {
        return history.rows("SELECT * FROM %s ORDER BY %s".formatted(name, order));
    }

    @Test
    void aRunWithTwoExecutionsIsOneRowThatShowsTheNewest() {
        Instant start = hoursAgo(9);
        Run run = history.begin("a", Run.Kind.BACKUP, "db", start);
        history.figures(
                "a",
                HistoryRows.figures(
                        INCREMENTAL,
                        Optional.of("parent"),
                        Optional.of(new Account(4000, 16, 30, 50, 20))));
        long first =
                history.execution(
                        run, start, End.failed(after(start, 1), "disk full"), "host-1", "1.0");
        history.progress(first, 10, 96);
        long second =
                history.execution(
                        run, after(start, 5), End.completed(after(start, 20)), "host-2", "1.1");
        history.progress(second, 96, 96);
        history.end(
                run.completed("backup-a", "{}", List.of("slow"), after(start, 20).plusMillis(250)));

        assertThat(view("v_runs", "run_id"))
                .containsExactly(
                        ("a | BACKUP | %s | db | COMPLETED | INCREMENTAL | INCREMENTAL | - | parent"
                                        + " | %s | %s | 1200.25 | 2 | %d"
                                        + " | 4096 | 0 | 4000 | 16 | 30 | 50 | 20 | 96 | 96 | 96"
                                        + " | backup-a | [\"slow\"] | host-2 | 1.1 | -")
                                .formatted(
                                        REPOSITORY,
                                        start,
                                        after(start, 20).plusMillis(250),
                                        second));
    }

    @Test
    void runsThatAreUnfinishedAbandonedOrNoBackupsShowWhatIsKnown() {
        Instant start = hoursAgo(9);
        Run abandoned = history.begin("a", Run.Kind.BACKUP, "db", start);
        history.end(abandoned.abandoned(List.of("given up"), after(start, 2)));
        Run deletion = history.begin("d", Run.Kind.DELETE, "db", start);
        long deleting =
                history.execution(deletion, start, End.completed(after(start, 1)), "h", "1");
        history.end(deletion.completed("backup-x", "{}", List.of(), after(start, 1)));
        Run restore = history.begin("r", Run.Kind.RESTORE, "host:/target", start);
        history.figures(
                "r",
                new RunFigures(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(4096L),
                        Optional.empty(),
                        Optional.of(6L),
                        Optional.of(90L),
                        Optional.empty(),
                        Optional.of(4000L),
                        Optional.empty(),
                        Optional.empty()));
        history.end(restore.completed("backup-y", "{}", List.of(), after(start, 3)));
        Run unfinished = history.begin("u", Run.Kind.BACKUP, "db", start);
        history.figures("u", HistoryRows.figures(FIRST, Optional.empty(), Optional.empty()));
        long running = history.execution(unfinished, start, End.running(), "h", "1");
        history.progress(running, 5, 4096);

        String none = " | -".repeat(4);
        assertThat(view("v_runs", "run_id"))
                .containsExactly(
                        "a | BACKUP | %s | db | ABANDONED%s | %s | %s | 120 | 0 | -"
                                        .formatted(REPOSITORY, none, start, after(start, 2))
                                + " | -".repeat(10)
                                + " | - | [\"given up\"] | - | - | -",
                        "d | DELETE | %s | db | COMPLETED%s | %s | %s | 60 | 1 | %d"
                                        .formatted(
                                                REPOSITORY, none, start, after(start, 1), deleting)
                                + " | -".repeat(8)
                                + " | 0 | 0 | backup-x | [] | h | 1 | -",
                        "r | RESTORE | %s | host:/target | COMPLETED%s | %s | %s | 180 | 0 | -"
                                        .formatted(REPOSITORY, none, start, after(start, 3))
                                + " | 4096 | - | 6 | 90 | - | 4000 | - | - | - | -"
                                + " | backup-y | [] | - | - | -",
                        "u | BACKUP | %s | db | RUNNING | INCREMENTAL | FULL | FIRST_BACKUP | - | %s | - | - | 1 | %d"
                                        .formatted(REPOSITORY, start, running)
                                + " | 4096"
                                + " | -".repeat(7)
                                + " | 5 | 4096 | - | [] | h | 1 | -");
    }

    @Test
    void stepsShowTheirTimesInUtcWhateverTheSessionsZone() {
        Instant start = Instant.parse("2026-07-01T23:30:00.123456Z");
        Run run = history.begin("a", Run.Kind.BACKUP, "db", start);
        long execution = history.execution(run, start, End.failed(after(start, 1), "x"), "h", "1");
        history.step(execution, "plan", start, End.completed(start.plusMillis(1377)), 1, 0);
        history.step(execution, "transfer", start, End.running(), 7, 2);
        history.step(
                execution, "transferRange:0", start, End.failed(after(start, 1), "gone"), 6, 1);

        List<String> rows =
                List.of(
                        "a | db | BACKUP | %d | plan | COMPLETED | %s | %s | 1.377 | 1 | 0 | -"
                                .formatted(execution, start, start.plusMillis(1377)),
                        "a | db | BACKUP | %d | transfer | STARTED | %s | - | - | 7 | 2 | -"
                                .formatted(execution, start),
                        "a | db | BACKUP | %d | transferRange:0 | FAILED | %s | %s | 60 | 6 | 1 | gone"
                                .formatted(execution, start, after(start, 1)));
        assertThat(view("v_steps", "step_name")).containsExactlyElementsOf(rows);
        catalog.transactions()
                .executeWithoutResult(
                        status -> {
                            catalog.jdbc().execute("SET TIME ZONE 'Asia/Kolkata'");
                            assertThat(view("v_steps", "step_name"))
                                    .containsExactlyElementsOf(rows);
                            catalog.jdbc().execute("SET TIME ZONE 'UTC'");
                        });
    }

    @Test
    void aBackupShowsItsRunsAccountWhereThatIsKnown() {
        history.backup("a", "db", hoursAgo(2), FIRST, new Account(0, 96, 1000, 3000, 700));
        catalog.backups()
                .add(
                        REPOSITORY,
                        new BackupRecord(
                                "of-velero",
                                "/pvc",
                                "UNKNOWN",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                hoursAgo(1),
                                after(hoursAgo(1), 1),
                                8192,
                                0,
                                Optional.empty(),
                                "not ours"));

        assertThat(
                        history.rows(
                                "SELECT v.*, age_seconds BETWEEN 3600 AND 7500 AS fits FROM v_backups v ORDER BY backup_id"))
                .extracting(row -> row.replaceFirst(" \\| (36|72)\\d\\d \\| ", " | age | "))
                .containsExactly(
                        "%s | backup-a | db | FULL | FIRST_BACKUP | - | change-a | %s | %s | age | 4096 | 0 | 0 | 96 | 1000 | 3000 | 700 | 4096 | a | host-1 | 1.0 |  | %s"
                                .formatted(REPOSITORY, hoursAgo(2), after(hoursAgo(2), 10), yes()),
                        "%s | of-velero | /pvc | UNKNOWN | - | - | - | %s | %s | age | 8192 | - | - | - | - | 0 | - | - | - | - | - | not ours | %s"
                                .formatted(REPOSITORY, hoursAgo(1), after(hoursAgo(1), 1), yes()));
    }

    /** As the database's driver prints it. */
    private String yes() {
        return history.rows("SELECT 1 = 1").getFirst();
    }

    private static final String VOLUME =
            """
            SELECT repository_id, volume, last_success, last_backup_id, last_full, backups, fulls, last_type,
                last_reason, last_changed_bytes, changed_bytes_7_days, changed_bytes_7_days_before, last_failure,
                failed_since_success, unfinished_runs, volume_bytes, age_seconds / 3600 AS hours
            FROM v_volumes ORDER BY repository_id, volume
            """;

    @Test
    void aVolumeSumsUpItsBackupsAndItsRuns() {
        history.backup("a", "db", hoursAgo(24 * 15), FIRST, new Account(0, 0, 0, 4096, 1));
        history.backup("b", "db", hoursAgo(24 * 15), INCREMENTAL, new Account(0, 1, 1, 998, 1));
        history.backup("c", "db", hoursAgo(24 * 13), INCREMENTAL, new Account(0, 1, 2, 3, 1));
        history.backup("d", "db", hoursAgo(24 * 8), INCREMENTAL, new Account(0, 0, 0, 12, 1));
        history.backup("e", "db", hoursAgo(24 * 6), INCREMENTAL, new Account(0, 0, 0, 100, 1));
        history.backup("f", "db", hoursAgo(5), INCREMENTAL, new Account(0, 0, 100, 100, 1));
        Run given = history.begin("g", Run.Kind.BACKUP, "db", hoursAgo(30));
        history.execution(given, hoursAgo(30), End.failed(hoursAgo(29), "x"), "h", "1");
        history.end(given.abandoned(List.of(), hoursAgo(28)));
        Run late = history.begin("h", Run.Kind.BACKUP, "db", hoursAgo(4));
        history.execution(
                late, hoursAgo(4), new End(hoursAgo(3), "ABANDONED", "FAILED", "x"), "h", "1");
        history.execution(
                late, hoursAgo(2), new End(hoursAgo(1), "STOPPED", "STOPPED", "x"), "h", "1");
        // Neither of them is a backup of this volume.
        Run restore = history.begin("r", Run.Kind.RESTORE, "db", hoursAgo(1));
        history.execution(restore, hoursAgo(1), End.failed(now, "x"), "h", "1");
        history.begin("s", Run.Kind.DELETE, "gone", hoursAgo(1));

        assertThat(history.rows(VOLUME))
                .containsExactly(
                        "%s | db | %s | backup-f | %s | 6 | 1 | INCREMENTAL | - | 200 | 150 | 9 | %s | 1 | 1 | 4096 | 5"
                                .formatted(
                                        REPOSITORY,
                                        after(hoursAgo(5), 10),
                                        after(hoursAgo(24 * 15), 10),
                                        hoursAgo(3)));
    }

    @Test
    void aVolumeWithRunsAloneAndOneWithBackupsAloneAreThere() {
        Run run = history.begin("a", Run.Kind.BACKUP, "only-runs", hoursAgo(3));
        history.execution(run, hoursAgo(3), End.failed(hoursAgo(2), "x"), "h", "1");
        history.backup("b", "only-backups", hoursAgo(2), FIRST, new Account(0, 0, 0, 1, 1));
        catalog.jdbc().update("DELETE FROM varve_run WHERE run_id = 'b'");

        assertThat(history.rows(VOLUME))
                .containsExactly(
                        "%s | only-backups | %s | backup-b | %s | 1 | 1 | FULL | FIRST_BACKUP | - | - | - | - | 0 | 0 | 4096 | 2"
                                .formatted(
                                        REPOSITORY, after(hoursAgo(2), 10), after(hoursAgo(2), 10)),
                        "%s | only-runs | - | - | - | 0 | 0 | - | - | - | - | - | %s | 1 | 1 | - | -"
                                .formatted(REPOSITORY, hoursAgo(2)));
    }
}
