package io.varve.repository;

import io.varve.blob.ObjectLock;
import io.varve.format.RepositoryFormat;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import java.util.Optional;

/**
 * What is fixed when a repository is created.
 *
 * @param hash names contents, and so deduplicates
 * @param splitter how {@code kopia} itself cuts files that it stores here; volumes are always cut
 *     into blocks of 1 MiB
 * @param compression of contents that this program writes; kept in the repository's global policy,
 *     where {@code kopia} reads and changes it too
 * @param lock of what is put into a bucket that can lock objects
 */
public record CreateOptions(
        HashAlgorithm hash,
        EncryptionAlgorithm encryption,
        String splitter,
        Compression compression,
        Optional<ObjectLock> lock) {

    /** Without locks. */
    public CreateOptions(
            HashAlgorithm hash,
            EncryptionAlgorithm encryption,
            String splitter,
            Compression compression) {
        this(hash, encryption, splitter, compression, Optional.empty());
    }

    /** With the splitter that kopia chooses itself. */
    public CreateOptions(
            HashAlgorithm hash, EncryptionAlgorithm encryption, Compression compression) {
        this(hash, encryption, RepositoryFormat.DEFAULT_SPLITTER, compression);
    }
}
