package io.varve.format;

import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Blob {@value #BLOB_ID}: what is needed beside the password to open a repository.
 *
 * @param buildVersion of the program that wrote it; not looked at
 * @param uniqueId salt of all keys; 32 bytes when new, at least {@value #MIN_UNIQUE_ID_BYTES}
 * @param keyAlgorithm name of the function from password to key
 * @param sealedFormat the {@link RepositoryFormat}, sealed under that key
 */
public record FormatBlob(
        String buildVersion, Bytes uniqueId, String keyAlgorithm, Bytes sealedFormat) {

    /** Name of the blob. */
    public static final String BLOB_ID = "kopia.repository";

    /** Bytes of {@code uniqueId} in a new repository. */
    public static final int UNIQUE_ID_BYTES = 32;

    /** The key derivations need at least so many. */
    public static final int MIN_UNIQUE_ID_BYTES = 16;

    private static final String TOOL = "https://github.com/kopia/kopia";
    private static final String ENCRYPTION = "AES256_GCM";

    /** The blob's bytes, with the fields that kopia writes, as it writes them. */
    public byte[] encode() {
        Base64.Encoder base64 = Base64.getEncoder();
        String json =
                JsonText.indented(
                        out ->
                                out.writeStartObject()
                                        .writeStringProperty("tool", TOOL)
                                        .writeStringProperty("buildVersion", buildVersion)
                                        .writeStringProperty("buildInfo", "")
                                        .writeStringProperty(
                                                "uniqueID",
                                                base64.encodeToString(uniqueId.toArray()))
                                        .writeStringProperty("keyAlgo", keyAlgorithm)
                                        .writeStringProperty("encryption", ENCRYPTION)
                                        .writeStringProperty(
                                                "encryptedBlockFormat",
                                                base64.encodeToString(sealedFormat.toArray()))
                                        .writeEndObject());
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #encode()} gives. */
    public static FormatBlob decode(ByteBuffer json)
            throws CorruptFormatException, UnsupportedFormatException {
        JsonFields fields = JsonFields.parse(json, "blob " + BLOB_ID);
        Bytes uniqueId = Bytes.copyOf(fields.base64("uniqueID"));
        Bytes sealedFormat = Bytes.copyOf(fields.base64("encryptedBlockFormat"));
        if (uniqueId.length() < MIN_UNIQUE_ID_BYTES) {
            throw new CorruptFormatException(
                    "blob " + BLOB_ID,
                    0,
                    "uniqueID has %s, not %d or more".formatted(uniqueId, MIN_UNIQUE_ID_BYTES));
        }
        if (sealedFormat.length() == 0) {
            throw fields.wrong("encryptedBlockFormat", "the sealed format");
        }
        if (!fields.text("encryption").equals(ENCRYPTION)) {
            throw new UnsupportedFormatException(
                    "blob %s is encrypted with '%s'; only '%s' is known"
                            .formatted(BLOB_ID, fields.text("encryption"), ENCRYPTION));
        }
        return new FormatBlob(
                fields.text("buildVersion"), uniqueId, fields.text("keyAlgo"), sealedFormat);
    }
}
