package io.varve.kube;

import io.varve.kube.api.Identity;
import io.varve.kube.api.Waits;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which cluster, and who Varve is in it.
 *
 * @param kubeconfig empty inside a pod: the files of its ServiceAccount
 * @param namespace Varve's own, where movers, temporary claims and retained bases live
 * @param installation id that every object bears; objects with another one are never touched
 * @param serviceAccount its own, for which it requests tokens; from the downward API
 */
public record ClusterSettings(
        Optional<Path> kubeconfig,
        String namespace,
        String installation,
        String serviceAccount,
        Waits waits) {

    Identity identity() {
        return new Identity(namespace, installation, serviceAccount);
    }
}
