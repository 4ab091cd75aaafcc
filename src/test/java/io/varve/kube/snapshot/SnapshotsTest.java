package io.varve.kube.snapshot;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever call a process dies before, the next one gets the one snapshot that was cut, and
 * what is deleted leaves nothing in the cluster and nothing in the storage.
 */
@NeedsControlPlane
class SnapshotsTest {

    private static BackupCluster cluster;
    private static SourceClaim claim;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @Test
    void aTakenSnapshotIsReadyInVarvesNamespaceAndTheClaimsHasNothing() throws IOException {
        Snapshots snapshots = new Snapshots(cluster.api());
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = snapshots.take(claim, run, SETTINGS, NEVER);

        assertThat(taken.namespace()).isEqualTo(cluster.namespace());
        assertThat(taken.driver()).isEqualTo(cluster.driver());
        assertThat(taken.restoreBytes()).isEqualTo(4 << 20);
        assertThat(taken.changeId()).contains(taken.handle());
        assertThat(cluster.snapshots()).contains(taken.handle());
        assertThat(snapshots.find(run)).contains(taken);
        assertThat(snapshots.take(claim, run, SETTINGS, NEVER)).isEqualTo(taken);
        assertOnlyThePair(run, taken);

        snapshots.delete(run, NEVER);
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
        assertThat(objects(run)).isEmpty();
        assertThat(snapshots.find(run)).isEmpty();
        snapshots.delete(run, NEVER);
    }

    @Test
    void aRunThatWasKilledBeforeAnyCallGetsTheSnapshotThatWasCut() throws IOException {
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            int before = cluster.snapshots().size();
            killed = takeAndDie(run, changes);
            TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
            assertThat(cluster.snapshots())
                    .as("after %d changes", changes)
                    .hasSize(before + 1)
                    .contains(taken.handle());
            assertOnlyThePair(run, taken);
            new Snapshots(cluster.api()).delete(run, NEVER);
            assertThat(cluster.snapshots()).as("after %d changes", changes).hasSize(before);
        }
    }

    @Test
    void aRunThatWasKilledBeforeAnyCallCanBeDeletedWithoutATrace() throws IOException {
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            int before = cluster.snapshots().size();
            killed = takeAndDie(run, changes);
            new Snapshots(cluster.api()).delete(run, NEVER);
            assertThat(cluster.snapshots()).as("after %d changes", changes).hasSize(before);
            assertThat(objects(run)).as("after %d changes", changes).isEmpty();
        }
    }

    @Test
    void aDeletionThatWasKilledBeforeAnyCallIsEndedByTheNext() throws IOException {
        // 5: the journal and both contents are there, and no VolumeSnapshot of ours; 100: all is
        // done.
        for (int taken : new int[] {3, 5, 6, 100}) {
            boolean killed = true;
            for (int changes = 0; killed; changes++) {
                RunObjects run = BackupCluster.newRun();
                int before = cluster.snapshots().size();
                takeAndDie(run, taken);
                KilledAtCall kill = new KilledAtCall(changes);
                try (ClusterApi mortal = cluster.api(PATIENT, kill)) {
                    new Snapshots(mortal).delete(run, NEVER);
                } catch (KilledAtCall.Killed expected) {
                    // The next one goes on.
                }
                killed = kill.hasKilled();
                new Snapshots(cluster.api()).delete(run, NEVER);
                assertThat(cluster.snapshots())
                        .as("taken up to %d, deleted up to %d", taken, changes)
                        .hasSize(before);
                assertThat(objects(run)).isEmpty();
            }
        }
    }

    private static boolean takeAndDie(RunObjects run, int changes) throws IOException {
        KilledAtCall kill = new KilledAtCall(changes);
        try (ClusterApi mortal = cluster.api(PATIENT, kill)) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // The process is gone; only what reached the API server is left.
        }
        return kill.hasKilled();
    }

    private static void assertOnlyThePair(RunObjects run, TakenSnapshot taken) throws IOException {
        assertThat(objects(run))
                .containsExactlyInAnyOrder(
                        "VolumeSnapshot %s/%s".formatted(cluster.namespace(), run.name()),
                        "VolumeSnapshotContent " + run.name());
        assertThat(
                        cluster.api().list(Kind.CONTENT, "", "").stream()
                                .map(ContentObject::new)
                                .filter(each -> each.names(taken.driver(), taken.handle()))
                                .map(ContentObject::name))
                .containsExactly(taken.content());
    }

    private static List<String> objects(RunObjects run) throws IOException {
        return new RunTraces(cluster).of(run);
    }
}
