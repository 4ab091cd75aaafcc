package io.varve.blob.filesystem;

import io.varve.blob.BlobStorageException;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Full;
import io.varve.blob.BlobStorageException.NotFound;
import io.varve.blob.BlobStorageException.Unavailable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Turns what the operating system says into what a caller can act on.
 *
 * @param storage its description
 */
record StorageErrors(Path root, String storage) {

    /** Of a read: a file that is not there is a blob that is not there. */
    IOException reading(String doing, IOException failure) {
        if (failure instanceof NoSuchFileException && Files.isDirectory(root)) {
            return new NotFound(doing, "there is no such blob in " + storage);
        }
        return any(doing, failure);
    }

    IOException any(String doing, IOException failure) {
        if (failure instanceof BlobStorageException
                || failure instanceof ClosedByInterruptException) {
            return failure;
        }
        if (failure instanceof NoSuchFileException && !Files.isDirectory(root)) {
            String problem = "the folder is gone; is its file system mounted?";
            return new Unavailable(
                    doing, storage, new NoSuchFileException(root.toString(), null, problem));
        }
        if (Errno.ENOSPC.causes(failure) || Errno.EDQUOT.causes(failure)) {
            return new Full(doing, storage, failure);
        }
        boolean denied =
                failure instanceof AccessDeniedException
                        || Errno.EPERM.causes(failure)
                        || Errno.EROFS.causes(failure);
        return denied
                ? new Denied(doing, storage, failure)
                : new Unavailable(doing, storage, failure);
    }
}
