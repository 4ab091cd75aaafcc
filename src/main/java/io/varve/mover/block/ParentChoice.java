package io.varve.mover.block;

import io.varve.repository.Backup;

/** What a backup builds on, or why on nothing. */
sealed interface ParentChoice {

    /** An incremental on {@code backup}. */
    record Parent(Backup backup) implements ParentChoice {}

    /** A full backup. */
    record NoParent(FullReason reason) implements ParentChoice {}
}
