package io.varve.kube.snapshot;

import io.varve.cbt.csi.MetadataAccess;
import io.varve.cbt.csi.MetadataService;
import io.varve.cbt.csi.SecurityToken;
import io.varve.kube.api.ClusterApi;
import java.io.IOException;

/** Finds a driver's metadata service in the cluster, and gets tokens for it. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class ClusterMetadata implements MetadataAccess {

    public ClusterMetadata(ClusterApi api, TakenSnapshot snapshot) {}

    @Override
    public MetadataService service() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public SecurityToken token(MetadataService service) throws IOException {
        throw new UnsupportedOperationException();
    }
}
