package io.varve.format;

import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a repository stores what it stores: algorithms, their keys, and what a program must honour.
 * Sealed inside the {@link FormatBlob}. Each field decides by itself; {@code version} decides
 * nothing but is stamped into index entries.
 *
 * @param hash name of the content hash function
 * @param encryption name of the content encryption
 * @param ecc name of the error correction; empty for none
 * @param eccOverheadPercent how much more it stores; 0 for none
 * @param secret key of the hash function
 * @param masterKey root of all keys of contents
 * @param version 1, 2 or 3
 * @param maxPackBytes a pack this long is closed
 * @param indexVersion 1 or 2: of the index tables that a writer adds
 * @param epochs how index blobs are grouped
 * @param passwordChangeable whether the format blob alone depends on the password
 * @param splitter name of the function that cuts objects into contents
 * @param upgradeLock an announced upgrade
 * @param requiredFeatures what a program must understand
 */
public record RepositoryFormat(
        String hash,
        String encryption,
        String ecc,
        int eccOverheadPercent,
        Bytes secret,
        Bytes masterKey,
        int version,
        int maxPackBytes,
        int indexVersion,
        EpochParameters epochs,
        boolean passwordChangeable,
        String splitter,
        Optional<UpgradeLock> upgradeLock,
        List<RequiredFeature> requiredFeatures) {

    /** Bytes of {@code secret} and of {@code masterKey} in a new repository. */
    public static final int KEY_BYTES = 32;

    /** Bytes at which a new repository closes a pack, and any that does not say: 20 MiB. */
    public static final int DEFAULT_MAX_PACK_BYTES = 20 << 20;

    private static final int NEWEST_VERSION = 3;
    private static final int NEWEST_INDEX_VERSION = 2;

    /** Kopia's own choice for files. */
    public static final String DEFAULT_SPLITTER = "DYNAMIC-4M-BUZHASH";

    private static final Pattern SPLITTER =
            Pattern.compile(
                    "(FIXED|DYNAMIC|FIXED-(SIZE)|DYNAMIC-(SIZE)-(BUZHASH|RABINKARP))"
                            .replace("SIZE", "128K|256K|512K|1M|2M|4M|8M"));

    private static final String SPLITTER_IF_ABSENT = "FIXED";
    private static final String WHAT = "format of the repository";

    public RepositoryFormat {
        requiredFeatures = List.copyOf(requiredFeatures);
    }

    /**
     * The format of a new repository; all but the arguments is kopia's default.
     *
     * @param secret {@value #KEY_BYTES} random bytes
     * @param masterKey {@value #KEY_BYTES} other random bytes
     * @param splitter by which kopia cuts the files that it stores there
     * @throws UnsupportedFormatException if kopia knows no splitter of that name
     */
    public static RepositoryFormat create(
            String hash, String encryption, Bytes secret, Bytes masterKey, String splitter)
            throws UnsupportedFormatException {
        if (!SPLITTER.matcher(splitter).matches()) {
            throw new UnsupportedFormatException(
                    "splitter '%s' is not known; known are FIXED, FIXED-1M, DYNAMIC-4M-BUZHASH and the like, of 128K to 8M"
                            .formatted(splitter));
        }
        return new RepositoryFormat(
                hash,
                encryption,
                "",
                0,
                secret,
                masterKey,
                NEWEST_VERSION,
                DEFAULT_MAX_PACK_BYTES,
                NEWEST_INDEX_VERSION,
                EpochParameters.DEFAULT,
                true,
                splitter,
                Optional.empty(),
                List.of());
    }

    /** Whether what encryption gives is wrapped for error correction. */
    public boolean hasErrorCorrection() {
        return !ecc.isEmpty() && eccOverheadPercent > 0;
    }

    /** Whether every pack must begin with a copy of the format blob. */
    public boolean packsCarryReplica() {
        return !passwordChangeable;
    }

    /**
     * Why this program must not add to the repository, if it must not. Such a repository can still
     * be read.
     */
    public Optional<String> whyReadOnly() {
        if (hasErrorCorrection()) {
            return Optional.of(
                    "it has error correction (%s, %d %%), which is only read here"
                            .formatted(ecc, eccOverheadPercent));
        }
        if (!epochs.enabled() || indexVersion < NEWEST_INDEX_VERSION) {
            return Optional.of(
                    ("it has format version %d with index version %d and epochs %s, which is only"
                                    + " read here; 'kopia repository upgrade' mends that")
                            .formatted(version, indexVersion, epochs.enabled() ? "on" : "off"));
        }
        return Optional.empty();
    }

    /** What a program is to warn of that opens the repository at all. */
    public List<String> warnings() {
        return requiredFeatures.stream()
                .filter(feature -> !feature.isUnderstood() && feature.warnOnly())
                .map(feature -> "the repository asks for " + feature.describe())
                .toList();
    }

    /**
     * Refuses a repository that this program does not understand, or that is locked for an upgrade.
     * To be asked whenever the format was read again. Names of algorithms are for those to refuse
     * who look them up.
     */
    public void checkUsable(Instant now) throws UnsupportedFormatException {
        if (version < 1 || version > NEWEST_VERSION) {
            throw new UnsupportedFormatException(
                    "repository has format version %d; 1 to %d are known"
                            .formatted(version, NEWEST_VERSION));
        }
        if (indexVersion < 1 || indexVersion > NEWEST_INDEX_VERSION) {
            throw new UnsupportedFormatException(
                    "repository has index version %d; 1 to %d are known"
                            .formatted(indexVersion, NEWEST_INDEX_VERSION));
        }
        for (RequiredFeature feature : requiredFeatures) {
            if (!feature.isUnderstood() && !feature.warnOnly()) {
                throw new UnsupportedFormatException("repository requires " + feature.describe());
            }
        }
        if (upgradeLock.isPresent() && upgradeLock.get().isLockedAt(now)) {
            throw new UnsupportedFormatException(
                    ("repository is locked since %s for an upgrade by '%s' (%s); try again when the"
                                    + " upgrade is done")
                            .formatted(
                                    upgradeLock.get().created(),
                                    upgradeLock.get().owner(),
                                    upgradeLock.get().message()));
        }
    }

    /**
     * The format as JSON, in kopia's own bytes.
     *
     * @throws IllegalStateException with an upgrade lock or required features: those are written by
     *     who announces them, and never by us
     */
    public byte[] encode() {
        if (upgradeLock.isPresent() || !requiredFeatures.isEmpty()) {
            throw new IllegalStateException(
                    "a format with an upgrade lock or required features is not ours to write");
        }
        Base64.Encoder base64 = Base64.getEncoder();
        return JsonText.compact(
                        json -> {
                            json.writeStartObject().writeObjectPropertyStart("format");
                            json.writeStringProperty("hash", hash);
                            json.writeStringProperty("encryption", encryption);
                            if (!ecc.isEmpty()) {
                                json.writeStringProperty("ecc", ecc);
                            }
                            if (eccOverheadPercent != 0) {
                                json.writeNumberProperty("eccOverheadPercent", eccOverheadPercent);
                            }
                            json.writeStringProperty(
                                    "secret", base64.encodeToString(secret.toArray()));
                            json.writeStringProperty(
                                    "masterKey", base64.encodeToString(masterKey.toArray()));
                            json.writeNumberProperty("version", version);
                            json.writeNumberProperty("maxPackSize", maxPackBytes);
                            json.writeNumberProperty("indexVersion", indexVersion);
                            json.writeName("epochParameters");
                            epochs.writeTo(json);
                            json.writeBooleanProperty("enablePasswordChange", passwordChangeable);
                            json.writeStringProperty("splitter", splitter);
                            json.writeEndObject().writeEndObject();
                        })
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #encode()} gives; says nothing yet about whether it can be used. */
    public static RepositoryFormat decode(ByteBuffer json) throws CorruptFormatException {
        JsonFields outer = JsonFields.parse(json, WHAT);
        JsonFields fields =
                outer.object("format").orElseThrow(() -> outer.wrong("format", "an object"));
        int maxPackBytes = (int) fields.integer("maxPackSize", 0, Integer.MAX_VALUE);
        Optional<JsonFields> epochs = fields.object("epochParameters");
        Optional<JsonFields> lock = fields.object("upgradeLock");
        List<RequiredFeature> features = new ArrayList<>();
        for (JsonFields feature : fields.objects("requiredFeatures")) {
            features.add(RequiredFeature.read(feature));
        }
        return new RepositoryFormat(
                fields.text("hash"),
                fields.text("encryption"),
                fields.text("ecc"),
                (int) fields.integer("eccOverheadPercent", 0, 100),
                key(fields, "secret"),
                key(fields, "masterKey"),
                fields.int32("version"),
                maxPackBytes == 0 ? DEFAULT_MAX_PACK_BYTES : maxPackBytes,
                fields.int32("indexVersion") == 0 ? 1 : fields.int32("indexVersion"),
                epochs.isEmpty() ? EpochParameters.DISABLED : EpochParameters.read(epochs.get()),
                fields.flag("enablePasswordChange"),
                fields.text("splitter").isEmpty() ? SPLITTER_IF_ABSENT : fields.text("splitter"),
                lock.isEmpty() ? Optional.empty() : Optional.of(UpgradeLock.read(lock.get())),
                features);
    }

    private static Bytes key(JsonFields fields, String name) throws CorruptFormatException {
        byte[] key = fields.base64(name);
        if (key.length == 0) {
            throw new CorruptFormatException(WHAT, 0, "field '%s' is empty".formatted(name));
        }
        return Bytes.copyOf(key);
    }
}
