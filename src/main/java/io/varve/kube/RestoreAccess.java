package io.varve.kube;

import io.varve.kube.AccessRule.Scope;
import java.util.List;

/**
 * Every right that a restore into a claim uses, and a sweep that takes restores back: these, and of
 * {@link BackupAccess} those that are {@link #shared}.
 */
public final class RestoreAccess {

    public static final List<AccessRule> RULES =
            List.of(
                    AccessRule.of(Scope.CLUSTER, "", "persistentvolumes", "create", "delete"),
                    // A claim's namespace may be gone with the claim.
                    AccessRule.of(Scope.CLUSTER, "", "namespaces", "get"),
                    AccessRule.of(
                            Scope.SOURCE, "", "persistentvolumeclaims", "get", "create", "delete"),
                    AccessRule.of(Scope.SOURCE, "", "pods", "list"),
                    AccessRule.of(Scope.SOURCE, "", "events", "list", "create"),
                    // A preview takes one; a dead backup may have left one.
                    AccessRule.of(
                            Scope.SOURCE,
                            "snapshot.storage.k8s.io",
                            "volumesnapshots",
                            "get",
                            "create",
                            "delete"));

    /** Asked for where a namespace is to be made. Rendered nowhere: a manifest makes it. */
    static final AccessRule NEW_NAMESPACE =
            AccessRule.of(Scope.CLUSTER, "", "namespaces", "create");

    private RestoreAccess() {}

    /** Whether a restore needs a right of a backup, too. */
    public static boolean shared(AccessRule rule) {
        return rule.scope() != Scope.SOURCE && !rule.equals(BackupAccess.RETAIN);
    }
}
