package io.varve.mover.block;

import io.varve.format.ObjectId;
import io.varve.format.json.Rfc3339;
import io.varve.format.object.Directory;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.FileMode;
import io.varve.repository.content.WriteSession;
import io.varve.repository.object.ObjectWriter;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The root of a block backup: a directory whose one file is the volume (format, 7.4). */
final class VolumeDirectory {

    private VolumeDirectory() {}

    /**
     * Writes the directory and returns its object.
     *
     * @param name of the file
     * @param volume the volume's object
     * @param paddedBytes its length, a multiple of 1 MiB
     */
    static ObjectId write(WriteSession session, String name, ObjectId volume, long paddedBytes)
            throws IOException {
        DirectoryEntry file =
                DirectoryEntry.file(name, new FileMode(0777), paddedBytes, Rfc3339.UNSET, volume);
        try (ObjectWriter out = new ObjectWriter(session, 'k')) {
            out.write(new Directory(List.of(file), Optional.empty()).encode());
            return out.finish();
        }
    }
}
