package io.varve.repository;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What a repository needs of its surroundings.
 *
 * @param cacheFolder holds decrypted indexes while the repository is open; made when it is needed
 * @param clock within five minutes of the storage's own clock: maintenance compares them
 * @param random secret keys, nonces and names come from it: a {@code SecureRandom} but in tests
 */
public record RepositorySettings(Path cacheFolder, InstantSource clock, RandomGenerator random) {}
