package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One holder at a time, whoever asks; and a token that tells an old holder from a new one. */
@EveryDatabase
class LeasesTest {

    private static final LeaseName NAME = new LeaseName(Run.Kind.BACKUP, "repository", "data");
    private static final Owner ONE = new Owner("one", "host-1", 1);
    private static final Owner OTHER = new Owner("other", "host-2", 2);

    private final TestDatabase kind;
    private @TempDir Path folder;
    private OpenCatalog catalog;
    private Leases leases;

    LeasesTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void open() {
        catalog = new OpenCatalog(kind.create(folder));
        leases = catalog.leases(Duration.ofHours(1));
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    /** Of a lease that is over as soon as it is taken. */
    private Leases fleeting() {
        return catalog.leases(Duration.ofSeconds(-1));
    }

    private Lease acquire(Leases by, Owner owner) {
        return by.tryAcquire(NAME, owner).orElseThrow();
    }

    @Test
    void aHeldLeaseIsNotGivenAgain() {
        Lease lease = acquire(leases, ONE);

        assertThat(leases.tryAcquire(NAME, OTHER)).isEmpty();
        assertThat(leases.tryAcquire(NAME, ONE)).isEmpty();
        assertThat(leases.holds(lease)).isTrue();
        Holder holder = leases.holder(NAME).orElseThrow();
        assertThat(holder.owner()).isEqualTo(ONE);
        assertThat(holder.expired()).isFalse();
    }

    @Test
    void otherWorkOnTheSameVolumeHasALeaseOfItsOwn() {
        acquire(leases, ONE);
        for (LeaseName other :
                List.of(
                        new LeaseName(Run.Kind.RESTORE, "repository", "data"),
                        new LeaseName(Run.Kind.BACKUP, "another", "data"),
                        new LeaseName(Run.Kind.BACKUP, "repository", "data2"))) {
            assertThat(leases.tryAcquire(other, OTHER)).isPresent();
        }
    }

    @Test
    void aReleasedLeaseIsGivenWithALargerToken() {
        Lease first = acquire(leases, ONE);
        leases.release(first);
        assertThat(leases.holder(NAME)).isEmpty();

        Lease second = acquire(leases, OTHER);

        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(leases.holds(first)).isFalse();
        leases.release(first);
        assertThat(leases.holds(second)).isTrue();
    }

    @Test
    void anExpiredLeaseIsTakenAndItsOldHolderLearnsOfIt() {
        Lease old = acquire(fleeting(), ONE);
        assertThat(leases.tryAcquire(NAME, OTHER)).isEmpty();
        Holder silent = leases.holder(NAME).orElseThrow();
        assertThat(silent.expired()).isTrue();

        Lease taken = leases.takeFrom(NAME, silent, OTHER).orElseThrow();

        assertThat(leases.holds(old)).isFalse();
        assertThat(leases.renew(old)).isEmpty();
        assertThat(leases.renew(taken)).isPresent();
    }

    @Test
    void anExpiredLeaseThatNobodyTookIsRenewed() {
        Lease lease = acquire(fleeting(), ONE);
        assertThat(leases.holder(NAME).orElseThrow().expired()).isTrue();

        assertThat(leases.renew(lease).orElseThrow().expired()).isFalse();

        assertThat(leases.tryAcquire(NAME, OTHER)).isEmpty();
    }

    @Test
    void aHolderThatGaveASignOfLifeKeepsItsLease() {
        Lease lease = acquire(fleeting(), ONE);
        Holder silent = leases.holder(NAME).orElseThrow();
        assertThat(fleeting().renew(lease)).isPresent();

        assertThat(leases.takeFrom(NAME, silent, OTHER)).isEmpty();

        assertThat(leases.holds(lease)).isTrue();
    }

    @Test
    void aLeaseIsTakenFromADeadHolderButNotFromItsSuccessor() {
        acquire(leases, ONE);
        Holder dead = leases.holder(NAME).orElseThrow();

        Lease taken = leases.takeFrom(NAME, dead, OTHER).orElseThrow();

        assertThat(leases.takeFrom(NAME, dead, ONE)).isEmpty();
        assertThat(leases.holds(taken)).isTrue();
    }

    @Test
    void theHolderHearsOfTheWishToStopAndItsSuccessorDoesNot() {
        Lease lease = acquire(leases, ONE);
        assertThat(leases.requestStop(NAME, lease.token() + 1)).isFalse();
        assertThat(leases.requestStop(NAME, lease.token())).isTrue();
        assertThat(leases.renew(lease).orElseThrow().stopRequested()).isTrue();
        leases.release(lease);
        assertThat(leases.requestStop(NAME, lease.token())).isFalse();

        Lease next = acquire(leases, OTHER);

        assertThat(leases.renew(next).orElseThrow().stopRequested()).isFalse();
    }

    @Test
    void whoOwnsTheDatabaseAloneFreesAllLeases() {
        Lease lease = acquire(leases, ONE);
        leases.releaseAll();
        assertThat(leases.holds(lease)).isFalse();
        assertThat(acquire(leases, OTHER).token()).isGreaterThan(lease.token());
    }

    /** The transaction of a checkpoint: nobody takes the lease between its check and its commit. */
    @Test
    void aCheckedLeaseIsNotTakenBeforeTheCommit() throws Exception {
        Lease lease = acquire(fleeting(), ONE);
        Holder silent = leases.holder(NAME).orElseThrow();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<Optional<Lease>> taking =
                    catalog.transactions()
                            .execute(
                                    status -> {
                                        assertThat(leases.holds(lease)).isTrue();
                                        Future<Optional<Lease>> begun =
                                                other.submit(
                                                        () -> leases.takeFrom(NAME, silent, OTHER));
                                        assertThat(begun).failsWithin(300, TimeUnit.MILLISECONDS);
                                        return begun;
                                    });
            assertThat(taking.get(10, TimeUnit.SECONDS)).isPresent();
        }
        assertThat(leases.holds(lease)).isFalse();
    }

    @Test
    void ofManyWhoAskAtOnceOneGetsIt() throws Exception {
        int askers = 8;
        try (ExecutorService pool = Executors.newFixedThreadPool(askers)) {
            for (int round = 0; round < 20; round++) {
                LeaseName name = new LeaseName(Run.Kind.BACKUP, "repository", "v" + round / 2);
                List<Callable<Optional<Lease>>> asking =
                        IntStream.range(0, askers)
                                .<Callable<Optional<Lease>>>mapToObj(
                                        i ->
                                                () ->
                                                        leases.tryAcquire(
                                                                name,
                                                                new Owner("o" + i, "host", i)))
                                .toList();
                List<Lease> given = new ArrayList<>();
                for (Future<Optional<Lease>> answer : pool.invokeAll(asking)) {
                    answer.get().ifPresent(given::add);
                }
                assertThat(given).as("round " + round).hasSize(1);
                leases.release(given.getFirst());
            }
        }
    }
}
