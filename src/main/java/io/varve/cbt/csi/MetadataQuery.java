package io.varve.cbt.csi;

/** What a metadata service is asked. */
public sealed interface MetadataQuery {

    /** Of the VolumeSnapshot. */
    String namespace();

    /** Name of the VolumeSnapshot whose blocks are meant. */
    String snapshot();

    /** The blocks that may hold data. */
    record Allocated(String namespace, String snapshot) implements MetadataQuery {
        public Allocated {
            requireName(namespace, "namespace");
            requireName(snapshot, "VolumeSnapshot");
        }

        @Override
        public String toString() {
            return "allocated blocks of %s/%s".formatted(namespace, snapshot);
        }
    }

    /**
     * The blocks that may have changed.
     *
     * @param baseId since when: the driver's own id, not the name of an object
     */
    record Changed(String namespace, String snapshot, String baseId) implements MetadataQuery {
        public Changed {
            requireName(namespace, "namespace");
            requireName(snapshot, "VolumeSnapshot");
            requireName(baseId, "base");
        }

        @Override
        public String toString() {
            return "blocks of %s/%s changed since %s".formatted(namespace, snapshot, baseId);
        }
    }

    private static void requireName(String name, String what) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(what + " has no name");
        }
    }
}
