package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.UnsupportedClaims.Claim;
import io.varve.catalog.UnsupportedClaims.Finder;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What definitions select in vain, and since when. */
@EveryDatabase
class UnsupportedClaimsTest {

    private static final Instant FIRST = Instant.parse("2026-11-30T01:02:03.123456Z");
    private static final Finder NIGHTLY = new Finder("repository", "cluster", "nightly");

    private final TestDatabase kind;
    private @TempDir Path folder;
    private OpenCatalog catalog;
    private UnsupportedClaims claims;

    UnsupportedClaimsTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void open() {
        catalog = new OpenCatalog(kind.create(folder));
        claims = new UnsupportedClaims(JdbcClient.create(catalog.jdbc()));
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private static Instant day(int number) {
        // Nanoseconds, which no column keeps.
        return FIRST.plus(Duration.ofDays(number)).plusNanos(999);
    }

    /** Volume, reason, and the number of the day since when. */
    private List<String> kept() {
        return catalog.jdbc()
                .query(
                        "SELECT volume, reason, first_seen_at FROM v_unsupported ORDER BY volume, definition",
                        (row, number) ->
                                "%s: %s, %d"
                                        .formatted(
                                                row.getString(1),
                                                row.getString(2),
                                                Duration.between(
                                                                FIRST,
                                                                row.getObject(
                                                                                3,
                                                                                OffsetDateTime
                                                                                        .class)
                                                                        .toInstant())
                                                        .toDays()));
    }

    @Test
    void whatTheNewestRunFoundStandsThereSinceTheFirstOfThoseInARow() {
        claims.save(NIGHTLY, Map.of("a", "no driver", "b", "not bound"), day(0));
        claims.save(NIGHTLY, Map.of("b", "no snapshots", "c", "not bound"), day(1));
        assertThat(kept()).containsExactly("b: no snapshots, 0", "c: not bound, 1");

        claims.save(NIGHTLY, Map.of(), day(2));
        claims.save(NIGHTLY, Map.of("b", "not bound"), day(3));
        assertThat(kept()).containsExactly("b: not bound, 3");
    }

    @Test
    void anotherDefinitionsAndAnotherClustersStay() {
        Finder other = new Finder("repository", "cluster", "hourly");
        Finder elsewhere = new Finder("repository", "elsewhere", "nightly");
        claims.save(NIGHTLY, Map.of("a", "not bound"), day(0));
        claims.save(other, Map.of("a", "not bound"), day(0));
        claims.save(elsewhere, Map.of("elsewhere/a", "not bound"), day(0));

        claims.save(NIGHTLY, Map.of(), day(1));

        assertThat(kept()).containsExactly("a: not bound, 0", "elsewhere/a: not bound, 0");
    }

    @Test
    void aReasonOfAnyLengthIsKeptAsFarAsTheColumnGoes() {
        claims.save(NIGHTLY, Map.of("a", "x".repeat(5000)), day(0));
        assertThat(kept()).containsExactly("a: " + "x".repeat(4000) + ", 0");
    }

    @Test
    void whatNoRunLooksForAnyMoreIsForgotten() {
        claims.save(NIGHTLY, Map.of("a", "not bound"), day(0));
        claims.save(new Finder("repository", "cluster", "gone"), Map.of("b", "not bound"), day(0));
        claims.save(NIGHTLY, Map.of("a", "not bound"), day(9));

        claims.prune(day(5));

        assertThat(kept()).containsExactly("a: not bound, 0");
    }

    @Test
    void forAMetricThereIsOneOfEachThatWasFoundLately() {
        claims.save(NIGHTLY, Map.of("a", "not bound"), day(9));
        claims.save(
                new Finder("repository", "cluster", "hourly"), Map.of("a", "not bound"), day(9));
        claims.save(new Finder("repository", "cluster", "gone"), Map.of("b", "not bound"), day(0));

        assertThat(claims.foundSince(day(5))).containsExactly(new Claim("repository", "a"));
    }
}
