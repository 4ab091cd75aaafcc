package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A mover's volumes, and where they are mounted. */
final class MoverVolumes {

    /** The volume that is read, which is a device and never mounted. */
    static final String DEVICE = "device";

    private static final String TEMPORARY = "tmp";
    private static final String CACHE = "cache";
    private static final String AUTHORITIES = "authorities";
    private static final String CLAIM = "claim-";

    private final MoverClaim claim;
    private final MoverCommand command;
    private final MoverSettings settings;

    MoverVolumes(MoverClaim claim, MoverCommand command, MoverSettings settings) {
        this.claim = claim;
        this.command = command;
        this.settings = settings;
    }

    List<Volume> volumes() {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(
                new VolumeBuilder()
                        .withName(DEVICE)
                        .withNewPersistentVolumeClaim(claim.name(), claim.readOnly())
                        .build());
        volumes.add(folder(TEMPORARY, settings.resources().temporary()));
        settings.resources().cache().map(this::cache).ifPresent(volumes::add);
        settings.extras()
                .authorities()
                .map(
                        name ->
                                new VolumeBuilder()
                                        .withName(AUTHORITIES)
                                        .withNewConfigMap()
                                        .withName(name)
                                        .endConfigMap()
                                        .build())
                .ifPresent(volumes::add);
        for (int i = 0; i < command.mounts().size(); i++) {
            ClaimMount mount = command.mounts().get(i);
            volumes.add(
                    new VolumeBuilder()
                            .withName(CLAIM + i)
                            .withNewPersistentVolumeClaim(mount.claim(), mount.readOnly())
                            .build());
        }
        return volumes;
    }

    private Volume cache(MoverSettings.CacheVolume cache) {
        if (cache.claim().isPresent()) {
            return new VolumeBuilder()
                    .withName(CACHE)
                    .withNewPersistentVolumeClaim(cache.claim().get(), false)
                    .build();
        }
        if (cache.storageClass().isEmpty()) {
            return folder(CACHE, cache.size());
        }
        return new VolumeBuilder()
                .withName(CACHE)
                .withNewEphemeral()
                .withNewVolumeClaimTemplate()
                .withNewSpec()
                .withStorageClassName(cache.storageClass().get())
                .withAccessModes("ReadWriteOnce")
                .withNewResources()
                .withRequests(Map.of("storage", Quantity.parse(cache.size())))
                .endResources()
                .endSpec()
                .endVolumeClaimTemplate()
                .endEphemeral()
                .build();
    }

    private static Volume folder(String name, String size) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withSizeLimit(Quantity.parse(size))
                .endEmptyDir()
                .build();
    }

    List<VolumeMount> mounts() {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(mount(TEMPORARY, "/tmp", false));
        settings.resources()
                .cache()
                .ifPresent(cache -> mounts.add(mount(CACHE, cache.path(), false)));
        settings.extras()
                .authorities()
                .ifPresent(
                        name ->
                                mounts.add(
                                        mount(
                                                AUTHORITIES,
                                                MoverSettings.Extras.AUTHORITIES_PATH,
                                                true)));
        for (int i = 0; i < command.mounts().size(); i++) {
            ClaimMount mount = command.mounts().get(i);
            mounts.add(mount(CLAIM + i, mount.path(), mount.readOnly()));
        }
        return mounts;
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(readOnly)
                .build();
    }
}
