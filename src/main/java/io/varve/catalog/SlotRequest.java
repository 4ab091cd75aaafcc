package io.varve.catalog;

/**
 * What a mover needs to read its volume.
 *
 * @param execution that the mover works for
 * @param perNode volumes that may be read on the node at once, as this run's definition has it
 */
public record SlotRequest(String runId, long execution, String node, int perNode) {}
