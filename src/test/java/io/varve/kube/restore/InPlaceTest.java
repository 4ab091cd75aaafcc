package io.varve.kube.restore;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.restore.RestoreTests.BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.BackupCluster;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.Claims;
import io.varve.kube.mover.ExposedClaim;
import io.varve.kube.mover.Exposer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class InPlaceTest {

    private static BackupCluster cluster;
    private static RestoreTests tests;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder).allowRestore();
        tests = new RestoreTests(cluster);
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    /** A user's claim, bound, with a file system. */
    private static PersistentVolume files(String name) throws IOException {
        cluster.make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: %s, name: %s, labels: {app: shop}, annotations: {owner: ann}},
                 spec: {storageClassName: %s, accessModes: [ReadWriteOnce], resources: {requests: {storage: 4Mi}}}}
                """
                        .formatted(cluster.tenant(), name, cluster.driver()));
        return tests.volume(cluster.tenant(), name);
    }

    private static ExposedClaim takeOver(RunObjects run, String name) throws IOException {
        return tests.restores().takeOver(run, cluster.tenant(), name, BYTES, NEVER);
    }

    private static List<String> usedBy(String name, long bytes) throws IOException {
        return tests.restores().usedBy(cluster.tenant(), name, bytes);
    }

    /** Asking who uses a claim is refused in the same words as taking it. */
    private static void assertRefused(String name, long bytes, String... words) {
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> usedBy(name, bytes),
                        () ->
                                tests.restores()
                                        .takeOver(
                                                BackupCluster.newRun(),
                                                cluster.tenant(),
                                                name,
                                                bytes,
                                                NEVER))) {
            assertThatThrownBy(call)
                    .isInstanceOf(ClusterUsageException.class)
                    .hasMessageContainingAll(words);
        }
    }

    private static RestoredClaim giveBack(RunObjects run, String name) throws IOException {
        return tests.restores().giveBack(run, cluster.tenant(), name, NEVER);
    }

    private static void assertIsAsBefore(String name, PersistentVolume before) throws IOException {
        PersistentVolume now = tests.volume(cluster.tenant(), name);
        assertThat(now.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
        assertThat(now.getSpec().getPersistentVolumeReclaimPolicy()).isEqualTo("Delete");
        assertThat(now.getSpec().getVolumeMode()).isEqualTo(before.getSpec().getVolumeMode());
        PersistentVolumeClaim claim = tests.claim(name);
        assertThat(claim.getMetadata().getLabels()).isEqualTo(Map.of("app", "shop"));
        assertThat(claim.getSpec().getVolumeMode()).isEqualTo(before.getSpec().getVolumeMode());
        assertThat(tests.volumes()).filteredOn(volume -> isOf(volume, before)).hasSize(1);
        tests.assertNothingIn(cluster.namespace());
    }

    private static boolean isOf(PersistentVolume volume, PersistentVolume before) {
        return volume.getSpec()
                .getCsi()
                .getVolumeHandle()
                .equals(before.getSpec().getCsi().getVolumeHandle());
    }

    @Test
    void aFilesystemClaimIsWrittenAsADeviceAndComesBackAsItWas() throws IOException {
        RunObjects run = BackupCluster.newRun();
        PersistentVolume before = files("data");
        ExposedClaim exposed = takeOver(run, "data");
        assertThat(exposed.namespace()).isEqualTo(cluster.namespace());
        assertThat(takeOver(run, "data")).isEqualTo(exposed);
        assertThat(tests.volume(exposed.namespace(), exposed.name()).getSpec().getVolumeMode())
                .isEqualTo("Block");
        tests.write(exposed, "restored");

        RestoredClaim restored = giveBack(run, "data");
        assertThat(giveBack(run, "data")).isEqualTo(restored);
        assertThat(tests.read(restored.volumeHandle(), 8)).isEqualTo("restored");
        assertIsAsBefore("data", before);
        assertThat(tests.claim("data").getMetadata().getAnnotations())
                .containsEntry("owner", "ann")
                .doesNotContainKey(Claims.INCOMPLETE_RESTORE);
    }

    @Test
    void aClaimIsNotTakenBeforeWhatItsDriverWantsIsCopiedAndThatGoesWhenItIsGivenBack()
            throws IOException {
        PersistentVolume before = files("sealed");
        RunObjects run = BackupCluster.newRun();
        assertThatThrownBy(() -> takeOverCopying(run))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("Secret %s/kms-token is to be".formatted(cluster.tenant()));
        assertIsAsBefore("sealed", before);

        tests.makeSecret();
        for (RestoreTests.Call end : ends(run)) {
            takeOverCopying(run);
            assertThat(tests.isCopied(run)).isTrue();
            end.on(tests.restores());
            assertThat(tests.isCopied(run)).isFalse();
            tests.assertNothingIn(cluster.namespace());
        }
    }

    private static List<RestoreTests.Call> ends(RunObjects run) {
        return List.of(
                restores -> restores.remove(run, NEVER),
                restores -> restores.giveBack(run, cluster.tenant(), "sealed", NEVER));
    }

    private static void takeOverCopying(RunObjects run) throws IOException {
        tests.copying().takeOver(run, cluster.tenant(), "sealed", BYTES, NEVER);
    }

    @Test
    void aBlockClaimIsRestoredLikewise() throws IOException {
        String name = cluster.claim("device").name();
        PersistentVolume before = tests.volume(cluster.tenant(), name);
        RunObjects run = BackupCluster.newRun();
        tests.write(takeOver(run, name), "restored");
        assertThat(tests.read(giveBack(run, name).volumeHandle(), 8)).isEqualTo("restored");
        assertIsAsBefore(name, before);
    }

    @Test
    void aClaimThatAPodNamesIsRefusedAndNothingIsChanged() throws IOException {
        PersistentVolume before = files("used");
        cluster.make(
                """
                {apiVersion: v1, kind: Pod, metadata: {namespace: %s, name: user}, spec: {nodeName: nowhere, containers:
                  [{name: main, image: none, volumeMounts: [{name: data, mountPath: /data}]}],
                  volumes: [{name: data, persistentVolumeClaim: {claimName: used}}]}}
                """
                        .formatted(cluster.tenant()));
        RunObjects run = BackupCluster.newRun();
        assertThatThrownBy(() -> takeOver(run, "used"))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("Pod %s/user (Pending)".formatted(cluster.tenant()));
        assertThat(usedBy("used", BYTES))
                .containsExactly("Pod %s/user (Pending)".formatted(cluster.tenant()));
        assertIsAsBefore("used", before);
        tests.restores().remove(run, NEVER);
        assertIsAsBefore("used", before);
    }

    @Test
    void aClaimThatIsTooSmallOrNotThereIsRefused() throws IOException {
        files("small");
        RunObjects run = BackupCluster.newRun();
        assertThat(usedBy("small", BYTES)).isEmpty();
        assertRefused("small", BYTES + 1, "small", "has 4194304 bytes, which are too few");
        assertRefused("none", BYTES, "there is no claim none in namespace " + cluster.tenant());
        assertThatThrownBy(() -> giveBack(run, "small"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("there is none that %s restored".formatted(run));
    }

    @Test
    void aRunThatIsKilledBeforeAnyChangeGoesOn() throws IOException {
        PersistentVolume before = files("again");
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            String text = "restored %02d".formatted(changes);
            killed =
                    tests.killed(
                            changes,
                            restores -> {
                                restores.takeOver(run, cluster.tenant(), "again", BYTES, NEVER);
                                restores.giveBack(run, cluster.tenant(), "again", NEVER);
                            });
            assertThat(cluster.volumes()).contains(before.getSpec().getCsi().getVolumeHandle());
            if (!isReturning(run)) {
                tests.write(takeOver(run, "again"), text);
            }
            giveBack(run, "again");
            assertIsAsBefore("again", before);
        }
    }

    /** Taken over and killed later than that: to take it over once more would be another run. */
    private static boolean isReturning(RunObjects run) throws IOException {
        return new RestoreJournal(cluster.api())
                .read(run)
                .map(entry -> entry.phase().compareTo(Rebind.Phase.EXPOSED) > 0)
                .orElseGet(() -> marks(run));
    }

    private static boolean marks(RunObjects run) {
        return run.run()
                .equals(
                        cluster.admin()
                                .persistentVolumeClaims()
                                .inNamespace(cluster.tenant())
                                .withName("again")
                                .require()
                                .getMetadata()
                                .getAnnotations()
                                .get("varve.io/run"));
    }

    @Test
    void aRunThatIsKilledBeforeAnyChangeGivesTheClaimBackWhenItIsRemoved() throws IOException {
        PersistentVolume before = files("back");
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            killed =
                    tests.killed(
                            changes,
                            restores ->
                                    restores.takeOver(run, cluster.tenant(), "back", BYTES, NEVER));
            boolean removalKilled = true;
            for (int removals = 0; removalKilled; removals += 2) {
                removalKilled = tests.killed(removals, restores -> restores.remove(run, NEVER));
            }
            assertIsAsBefore("back", before);
        }
        assertThat(tests.claim("back").getMetadata().getAnnotations())
                .containsKey(Claims.INCOMPLETE_RESTORE);
        RunObjects run = BackupCluster.newRun();
        takeOver(run, "back");
        giveBack(run, "back");
        assertThat(tests.claim("back").getMetadata().getAnnotations())
                .doesNotContainKey(Claims.INCOMPLETE_RESTORE);
    }

    @Test
    void aClaimThatIsOnItsWayBackIsNotTakenOverAgain() throws IOException {
        PersistentVolume before = files("leaving");
        RunObjects run = BackupCluster.newRun();
        takeOver(run, "leaving");
        // The journal, the temporary claim, its volume, the reference, and the user's claim.
        assertThat(tests.killed(5, restores -> restores.remove(run, NEVER))).isTrue();
        assertThatThrownBy(() -> takeOver(run, "leaving"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("leaving: is on its way back");
        tests.restores().remove(run, NEVER);
        assertIsAsBefore("leaving", before);
        assertThat(tests.claim("leaving").getMetadata().getAnnotations())
                .containsEntry(Claims.INCOMPLETE_RESTORE, run.run());
    }

    @Test
    void noRemovalOfTemporaryClaimsDeletesAUsersVolume() throws IOException {
        PersistentVolume before = files("safe");
        RunObjects run = BackupCluster.newRun();
        takeOver(run, "safe");
        new Exposer(cluster.api()).remove(run, NEVER);
        tests.restores().remove(run, NEVER);
        assertIsAsBefore("safe", before);
    }

    @Test
    void aClaimThatSomebodyMadeMeanwhileIsNamed() throws IOException {
        PersistentVolume before = files("taken");
        RunObjects run = BackupCluster.newRun();
        takeOver(run, "taken");
        PersistentVolume other = files("taken");
        assertThat(isOf(other, before)).isFalse();
        assertThatThrownBy(() -> giveBack(run, "taken"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("%s/taken: is there already".formatted(cluster.tenant()));
        tests.delete("taken");
        giveBack(run, "taken");
        assertIsAsBefore("taken", before);
    }

    @Test
    void aVolumeThatStaysAttachedIsReportedWithItsNode() throws IOException {
        PersistentVolume before = files("held");
        String name = "held-" + cluster.driver();
        cluster.make(
                """
                {apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: %s, finalizers: [example.org/test]},
                 spec: {attacher: %s, nodeName: node-1, source: {persistentVolumeName: %s}}}
                """
                        .formatted(name, cluster.driver(), before.getMetadata().getName()));
        RunObjects run = BackupCluster.newRun();
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(
                            () ->
                                    new Restores(impatient)
                                            .takeOver(run, cluster.tenant(), "held", BYTES, NEVER))
                    .hasMessageContaining("still attached within 2s")
                    .hasMessageContaining("it is attached to node node-1");
        }
        cluster.admin()
                .storage()
                .v1()
                .volumeAttachments()
                .withName(name)
                .edit(
                        now -> {
                            now.getMetadata().setFinalizers(List.of());
                            return now;
                        });
        cluster.admin().storage().v1().volumeAttachments().withName(name).delete();
        takeOver(run, "held");
        giveBack(run, "held");
        assertIsAsBefore("held", before);
    }
}
