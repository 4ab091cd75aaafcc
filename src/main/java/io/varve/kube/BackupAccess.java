package io.varve.kube;

import io.varve.kube.AccessRule.Scope;
import java.util.List;

/** Every right that a backup and its sweep use, and no other. */
public final class BackupAccess {

    private static final String SNAPSHOT = "snapshot.storage.k8s.io";
    private static final String STORAGE = "storage.k8s.io";

    /** To keep a VolumeSnapshot as the next backup's base, which a restore never does. */
    public static final AccessRule RETAIN =
            AccessRule.of(Scope.OWN, SNAPSHOT, "volumesnapshots", "patch");

    public static final List<AccessRule> RULES =
            List.of(
                    // A sweep looks for left VolumeSnapshots in all namespaces; only where claims
                    // are, and in Varve's own, it may remove them.
                    AccessRule.of(Scope.CLUSTER, SNAPSHOT, "volumesnapshots", "list"),
                    AccessRule.of(
                            Scope.SOURCE, SNAPSHOT, "volumesnapshots", "get", "create", "delete"),
                    AccessRule.of(
                            Scope.OWN, SNAPSHOT, "volumesnapshots", "get", "create", "delete"),
                    RETAIN,
                    AccessRule.of(
                            Scope.CLUSTER,
                            SNAPSHOT,
                            "volumesnapshotcontents",
                            "get",
                            "list",
                            "create",
                            "patch",
                            "delete"),
                    AccessRule.of(Scope.CLUSTER, SNAPSHOT, "volumesnapshotclasses", "list"),
                    AccessRule.of(
                            Scope.CLUSTER, "cbt.storage.k8s.io", "snapshotmetadataservices", "get"),
                    AccessRule.of(Scope.CLUSTER, "", "persistentvolumes", "get", "list", "patch"),
                    AccessRule.of(Scope.CLUSTER, "", "nodes", "get"),
                    AccessRule.of(Scope.CLUSTER, STORAGE, "storageclasses", "get"),
                    AccessRule.of(Scope.CLUSTER, STORAGE, "volumeattachments", "list"),
                    AccessRule.of(Scope.SOURCE, "", "persistentvolumeclaims", "get", "list"),
                    AccessRule.of(Scope.SOURCE, "", "events", "list", "create"),
                    AccessRule.of(Scope.OWN, "", "events", "list"),
                    AccessRule.of(Scope.DEFAULT, "", "events", "list"),
                    AccessRule.of(
                            Scope.OWN,
                            "",
                            "persistentvolumeclaims",
                            "get",
                            "list",
                            "create",
                            "delete"),
                    AccessRule.of(Scope.OWN, "", "pods", "list", "delete"),
                    AccessRule.of(
                            Scope.OWN,
                            "",
                            "configmaps",
                            "get",
                            "list",
                            "create",
                            "patch",
                            "delete"),
                    AccessRule.of(Scope.OWN, "batch", "jobs", "get", "list", "create", "delete"),
                    AccessRule.of(Scope.OWN, "", "serviceaccounts/token", "create"));

    /**
     * Added where Secrets and ConfigMaps are copied for a driver. Nobody may list Secrets: that is
     * to read them all.
     */
    public static final List<AccessRule> COPY_RULES =
            List.of(
                    AccessRule.of(Scope.SOURCE, "", "secrets", "get"),
                    AccessRule.of(Scope.SOURCE, "", "configmaps", "get"),
                    AccessRule.of(Scope.OWN, "", "secrets", "get", "create", "delete"));

    private BackupAccess() {}
}
