package io.varve.kube;

import io.varve.kube.AccessRule.Scope;
import java.util.List;

/** Every right that a restore into a claim uses beyond those of {@link BackupAccess}. */
public final class RestoreAccess {

    public static final List<AccessRule> RULES =
            List.of(
                    AccessRule.of(Scope.CLUSTER, "", "persistentvolumes", "create", "delete"),
                    // A claim's namespace may be gone with the claim.
                    AccessRule.of(Scope.CLUSTER, "", "namespaces", "get", "create"),
                    AccessRule.of(Scope.SOURCE, "", "persistentvolumeclaims", "create", "delete"),
                    AccessRule.of(Scope.SOURCE, "", "pods", "list"));

    private RestoreAccess() {}
}
