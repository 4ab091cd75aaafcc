package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.HistoryRows.Account;
import io.varve.catalog.HistoryRows.End;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each query of the manual, as it stands there, on a history with known answers. */
@EveryDatabase
class HistoryQueriesTest {

    private static final Path MANUAL = Path.of("docs", "OPERATIONS.md");
    private static final Pattern QUERY =
            Pattern.compile("```sql\n(-- ([^\n]*)\n.*?)```", Pattern.DOTALL);

    private static final Optional<String> INCREMENTAL = Optional.empty();

    private final OpenCatalog catalog;
    private final HistoryRows history;
    private final List<String> failures = new ArrayList<>();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private long begun;
    private long restoring;
    private long failing;

    HistoryQueriesTest(TestDatabase kind, @TempDir Path folder) {
        catalog = new OpenCatalog(kind.create(folder));
        history = new HistoryRows(catalog);
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private record Question(String title, String sql) {}

    private static List<Question> questions() throws IOException {
        List<Question> all = new ArrayList<>();
        Matcher block = QUERY.matcher(Files.readString(MANUAL));
        while (block.find()) {
            all.add(new Question(block.group(2), block.group(1)));
        }
        return all;
    }

    private Instant ago(Duration age) {
        return now.minus(age);
    }

    /** So that a day is the same in every zone but the outermost. */
    private Instant noon(int daysAgo) {
        return OffsetDateTime.ofInstant(now, ZoneOffset.UTC)
                .minusDays(daysAgo)
                .with(LocalTime.NOON)
                .toInstant();
    }

    private static Instant after(Instant start, int minutes) {
        return start.plus(Duration.ofMinutes(minutes));
    }

    @Test
    void eachOfTheTenQueriesAnswersItsQuestion() throws IOException {
        fill();

        List<Question> questions = questions();

        assertThat(questions).hasSize(10);
        for (Question question : questions) {
            assertThat(history.rows(question.sql()))
                    .as(question.title())
                    .containsExactlyElementsOf(answer(question.title()));
        }
    }

    /**
     * "db" changes more each week and failed once, "mail" is fine, "www" fails since five days,
     * "new" has only begun.
     */
    private void fill() {
        history.backup(
                "db1",
                "db",
                noon(20),
                Optional.of("FIRST_BACKUP"),
                new Account(0, 96, 0, 1000, 400));
        history.backup("db2", "db", noon(10), INCREMENTAL, new Account(3000, 10, 20, 70, 30));
        Run twice = history.begin("db3", Run.Kind.BACKUP, "db", noon(3));
        fail(twice, noon(3), "disk full", "host-1", "1.0");
        history.execution(
                twice, after(noon(3), 20), End.completed(after(noon(3), 30)), "host-2", "1.1");
        history.figures(
                "db3",
                HistoryRows.figures(
                        INCREMENTAL,
                        Optional.of("backup-db2"),
                        Optional.of(new Account(3000, 0, 100, 200, 80))));
        history.end(twice.completed("backup-db3", "{}", List.of(), after(noon(3), 30)));
        history.listed(twice, after(noon(3), 30), INCREMENTAL, 200);

        history.backup(
                "mail1",
                "mail",
                ago(Duration.ofHours(30)),
                Optional.of("CHANGE_ID_MISMATCH"),
                new Account(0, 0, 0, 500, 500));
        history.backup(
                "mail2",
                "mail",
                ago(Duration.ofHours(1)),
                INCREMENTAL,
                new Account(4000, 0, 25, 25, 10));

        history.backup(
                "www1", "www", noon(5), Optional.of("PARENT_MISSING"), new Account(0, 0, 0, 0, 0));
        Run broken = history.begin("www2", Run.Kind.BACKUP, "www", ago(Duration.ofHours(6)));
        fail(
                broken,
                ago(Duration.ofHours(6)),
                "/dev/www: byte 4096 cannot be read",
                "host-1",
                "1.0");
        failing = fail(broken, ago(Duration.ofHours(5)), "no space left", "host-2", "1.1");
        history.progress(failing, 512, 2048);

        Run fresh = history.begin("new1", Run.Kind.BACKUP, "new", ago(Duration.ofMinutes(10)));
        begun = history.execution(fresh, fresh.createdAt(), End.running(), "host-2", "1.1");
        history.step(begun, "transfer", fresh.createdAt(), End.running(), 0, 0);

        Run restore = history.begin("r1", Run.Kind.RESTORE, "/restored", ago(Duration.ofHours(40)));
        restoring =
                history.execution(
                        restore,
                        restore.createdAt(),
                        End.completed(after(restore.createdAt(), 60)),
                        "host-3",
                        "1.0");
        history.step(
                restoring,
                "verify",
                restore.createdAt(),
                End.completed(restore.createdAt().plusMillis(1500)),
                1,
                0);
        history.step(
                restoring,
                "transfer",
                restore.createdAt(),
                End.completed(after(restore.createdAt(), 50)),
                12,
                1);
        history.end(
                restore.completed("backup-db1", "{}", List.of(), after(restore.createdAt(), 60)));
    }

    private long fail(Run run, Instant start, String message, String host, String version) {
        long execution =
                history.execution(run, start, End.failed(after(start, 5), message), host, version);
        failures.addFirst(
                "%s | BACKUP | %s | %s | %s"
                        .formatted(after(start, 5), run.volume(), host, message));
        return execution;
    }

    private List<String> answer(String title) {
        Instant mail = ago(Duration.ofHours(1));
        return switch (title) {
            case "Which volumes have no backup of the last 24 hours?" ->
                    List.of(
                            "db | %s | 0 | 0".formatted(after(noon(3), 30)),
                            "new | - | 0 | 1",
                            "www | %s | 2 | 1".formatted(after(noon(5), 10)));
            case "Which volumes were backed up longest ago?" ->
                    List.of(
                            "new | - | - | 0",
                            "www | %s | backup-www1 | 1".formatted(after(noon(5), 10)),
                            "db | %s | backup-db3 | 3".formatted(after(noon(3), 30)),
                            "mail | %s | backup-mail2 | 2".formatted(after(mail, 10)));
            case "What failed last, where, and why? Times of Batch's own tables are UTC." ->
                    failures;
            case "Why were backups of this week full?" ->
                    List.of(
                            "mail | CHANGE_ID_MISMATCH | 1 | " + ago(Duration.ofHours(30)),
                            "www | PARENT_MISSING | 1 | " + noon(5));
            case "How much does the repository grow a day?" -> growth();
            case "Which steps took longest?" ->
                    List.of(
                            "transfer | /restored | %d | 3000 | 12".formatted(restoring),
                            "verify | /restored | %d | 1.5 | 1".formatted(restoring));
            case "Which runs are unfinished, how far are they, and why did they stop?" ->
                    List.of(
                            "BACKUP | www | %d | 2 | 512 | 2048 | 25 | no space left"
                                    .formatted(failing),
                            "BACKUP | new | %d | 1 | 0 | 0 | - | -".formatted(begun));
            case "How much do deduplication and compression save, of what was read and is not zero?" ->
                    List.of("db | 1390 | 8.6 | 40.2", "mail | 550 | 4.5 | 97.1", "www | 0 | - | -");
            case "Which volumes change more than twice as much as the week before?" ->
                    List.of("db | 100 | 300");
            case "Which versions of the program ran where, and when last?" ->
                    List.of(
                            "1.1 | host-2 | 3 | " + ago(Duration.ofMinutes(10)),
                            "1.0 | host-1 | 5 | " + mail,
                            "1.0 | host-3 | 1 | " + ago(Duration.ofHours(40)));
            default -> throw new AssertionError("no answer is known to: " + title);
        };
    }

    /** Of days on which two backups began, both count. */
    private List<String> growth() {
        Map<LocalDate, long[]> days = new TreeMap<>();
        grow(days, noon(20), 1000, 400);
        grow(days, noon(10), 70, 30);
        grow(days, noon(5), 0, 0);
        grow(days, noon(3), 200, 80);
        grow(days, ago(Duration.ofHours(30)), 500, 500);
        grow(days, ago(Duration.ofHours(1)), 25, 10);
        return days.entrySet().stream()
                .map(
                        day ->
                                "%s | %d | %d | %d"
                                        .formatted(
                                                day.getKey(),
                                                day.getValue()[0],
                                                day.getValue()[1],
                                                day.getValue()[2]))
                .toList();
    }

    private static void grow(
            Map<LocalDate, long[]> days, Instant start, long stored, long written) {
        long[] day =
                days.computeIfAbsent(
                        LocalDate.ofInstant(start, ZoneId.systemDefault()), date -> new long[3]);
        day[0]++;
        day[1] += stored;
        day[2] += written;
    }
}
