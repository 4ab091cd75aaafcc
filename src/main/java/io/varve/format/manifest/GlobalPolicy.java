package io.varve.format.manifest;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The policy that holds for every source without one of its own. Of what it says only the
 * compression concerns backups of volumes; all else is written with kopia's defaults.
 *
 * @param compressor name of the compression of data; {@link #NO_COMPRESSION} for none
 */
public record GlobalPolicy(String compressor) {

    /** Labels of the manifest. */
    public static final Map<String, String> LABELS =
            Map.of(ManifestEntry.TYPE, "policy", "policyType", "global");

    /** The compressor that does not compress. */
    public static final String NO_COMPRESSION = "none";

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

    public GlobalPolicy {
        if (!NAME.matcher(compressor).matches()) {
            throw new IllegalArgumentException("'%s' is no compressor".formatted(compressor));
        }
    }

    /** The data of the manifest entry, as JSON: what {@code kopia repository create} writes. */
    public String encode() {
        return """
        {"retention":{"keepLatest":10,"keepHourly":48,"keepDaily":7,"keepWeekly":4,\
        "keepMonthly":24,"keepAnnual":3,"ignoreIdenticalSnapshots":false},\
        "files":{"ignoreDotFiles":[".kopiaignore"]},\
        "errorHandling":{"ignoreFileErrors":false,"ignoreDirectoryErrors":false,\
        "ignoreUnknownTypes":true},"scheduling":{"runMissed":true},\
        "compression":{"compressorName":"%s"},\
        "metadataCompression":{"compressorName":"zstd-fastest"},\
        "splitter":{},"actions":{},"osSnapshots":{"volumeShadowCopy":{"enable":0}},\
        "logging":{"directories":{"snapshotted":5,"ignored":5},\
        "entries":{"snapshotted":0,"ignored":5,"cacheHit":0,"cacheMiss":0}},\
        "upload":{"maxParallelSnapshots":1,"parallelUploadAboveSize":2147483648}}"""
                .formatted(compressor);
    }

    /**
     * Reads what {@link #encode()} gives.
     *
     * @param id the manifest's, for messages
     */
    public static GlobalPolicy decode(String json, String id) throws CorruptFormatException {
        JsonFields fields = JsonFields.parse(json, "policy manifest " + id);
        Optional<JsonFields> compression = fields.object("compression");
        if (compression.isEmpty() || compression.get().text("compressorName").isEmpty()) {
            return new GlobalPolicy(NO_COMPRESSION);
        }
        String name = compression.get().text("compressorName");
        if (!NAME.matcher(name).matches()) {
            throw compression.get().wrong("compressorName", "a compressor's name");
        }
        return new GlobalPolicy(name);
    }
}
