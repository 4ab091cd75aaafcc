package io.varve.job;

/**
 * What a restore was asked for.
 *
 * @param verify whether the target is read back and compared
 */
public record RestoreRequest(String backupId, RestoreTarget target, boolean verify) {}
