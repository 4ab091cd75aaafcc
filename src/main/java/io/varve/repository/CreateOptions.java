package io.varve.repository;

import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;

/**
 * What is fixed when a repository is created.
 *
 * @param hash names contents, and so deduplicates
 * @param compression of contents that this program writes; kept in the repository's global policy,
 *     where {@code kopia} reads and changes it too
 */
public record CreateOptions(
        HashAlgorithm hash, EncryptionAlgorithm encryption, Compression compression) {}
