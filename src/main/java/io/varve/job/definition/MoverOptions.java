package io.varve.job.definition;

import io.varve.blob.cache.BlobCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** How a definition wants its movers' pods. */
public record MoverOptions(
        String runAs,
        OptionalLong user,
        OptionalLong group,
        Map<String, String> nodeSelector,
        Map<String, Object> affinity,
        List<Map<String, Object>> tolerations,
        Optional<String> priorityClass,
        boolean spreadByHostname,
        Resources resources,
        String temporary,
        Optional<Cache> cache,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<String> imagePullSecrets,
        Map<String, String> environment,
        Optional<String> authorities,
        Map<String, Object> pod) {

    /** Of a container. */
    public record Resources(Map<String, String> requests, Map<String, String> limits) {}

    /**
     * Where the repository's cache lies.
     *
     * @param storageClass of an ephemeral volume; without it and a claim, a folder of the node
     * @param claim one that movers share and that stays
     */
    public record Cache(String size, Optional<String> storageClass, Optional<String> claim) {

        /**
         * How much of its volume copies of blobs may take, in bytes: half, where decrypted indexes
         * lie too, else three quarters. 0 where that is too little for any.
         */
        public long bytesOfCopies() {
            long all = Quantity.bytes(size);
            long room = claim.isPresent() ? all / 4 * 3 : all / 2;
            return room < BlobCache.LEAST_BYTES ? 0 : room;
        }
    }
}
