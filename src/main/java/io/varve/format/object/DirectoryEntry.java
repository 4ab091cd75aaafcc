package io.varve.format.object;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import io.varve.format.json.JsonFields;
import io.varve.format.json.Rfc3339;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * One entry of a directory, or the root of a snapshot.
 *
 * @param name empty for a root that was given none
 * @param size bytes of a file; 0 elsewhere
 * @param modified 1970 if not told; {@link Rfc3339#UNSET} in backups of volumes
 * @param uid owner, 0 to 2^32 - 1
 * @param gid group, 0 to 2^32 - 1
 * @param object what it holds; absent only in broken snapshots
 * @param summary of directories, and of the root of any snapshot
 */
public record DirectoryEntry(
        String name,
        EntryType type,
        FileMode mode,
        long size,
        Instant modified,
        long uid,
        long gid,
        Optional<ObjectId> object,
        Optional<DirectorySummary> summary) {

    private static final long MAX_UNSIGNED_INT = 0xffff_ffffL;

    public DirectoryEntry {
        if (uid < 0 || uid > MAX_UNSIGNED_INT || gid < 0 || gid > MAX_UNSIGNED_INT) {
            throw new IllegalArgumentException(
                    "owner %d or group %d of '%s' is not of 32 bits".formatted(uid, gid, name));
        }
    }

    /** A file of {@code size} bytes that belongs to root. */
    public static DirectoryEntry file(
            String name, FileMode mode, long size, Instant modified, ObjectId object) {
        return new DirectoryEntry(
                name,
                EntryType.FILE,
                mode,
                size,
                modified,
                0,
                0,
                Optional.of(object),
                Optional.empty());
    }

    /** A snapshot's root directory without a name that belongs to root. */
    public static DirectoryEntry root(
            FileMode mode, Instant modified, ObjectId object, DirectorySummary summary) {
        return new DirectoryEntry(
                "",
                EntryType.DIRECTORY,
                mode,
                0,
                modified,
                0,
                0,
                Optional.of(object),
                Optional.of(summary));
    }

    /** Writes the entry as a JSON value; what is zero or empty is left out, but for the object. */
    public void writeTo(JsonGenerator json) {
        if (type == EntryType.UNKNOWN) {
            throw new IllegalStateException("entry '%s' is of no known type".formatted(name));
        }
        json.writeStartObject();
        if (!name.isEmpty()) {
            json.writeStringProperty("name", name);
        }
        json.writeStringProperty("type", type.text());
        if (mode.bits() != 0) {
            json.writeStringProperty("mode", mode.toString());
        }
        if (size != 0) {
            json.writeNumberProperty("size", size);
        }
        if (!modified.equals(Instant.EPOCH)) {
            json.writeStringProperty("mtime", Rfc3339.format(modified));
        }
        if (uid != 0) {
            json.writeNumberProperty("uid", uid);
        }
        if (gid != 0) {
            json.writeNumberProperty("gid", gid);
        }
        json.writeStringProperty("obj", object.map(ObjectId::toString).orElse(""));
        summary.ifPresent(
                present -> {
                    json.writeName("summ");
                    present.writeTo(json);
                });
        json.writeEndObject();
    }

    /** Reads what {@link #writeTo} writes. */
    public static DirectoryEntry read(JsonFields fields) throws CorruptFormatException {
        String mode = fields.has("mode") ? fields.text("mode") : "0";
        Optional<JsonFields> summary = fields.object("summ");
        return new DirectoryEntry(
                fields.text("name"),
                EntryType.named(fields.text("type")),
                FileMode.parse(mode).orElseThrow(() -> fields.wrong("mode", "an octal mode")),
                fields.integer("size", 0, Long.MAX_VALUE),
                fields.time("mtime", Instant.EPOCH),
                fields.integer("uid", 0, MAX_UNSIGNED_INT),
                fields.integer("gid", 0, MAX_UNSIGNED_INT),
                readObject(fields),
                summary.isEmpty()
                        ? Optional.empty()
                        : Optional.of(DirectorySummary.read(summary.get())));
    }

    private static Optional<ObjectId> readObject(JsonFields fields) throws CorruptFormatException {
        String id = fields.text("obj");
        if (id.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ObjectId.parse(id));
        } catch (CorruptFormatException noObject) {
            throw fields.wrong("obj", "an object id");
        }
    }
}
