package io.varve.repository;

class MemoryStagedBlocksTest extends StagedBlocksContract {
    @Override
    protected StagedBlocks blocksOfRun(String runId) {
        return new MemoryStagedBlocks();
    }
}
