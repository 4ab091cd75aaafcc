package io.varve.blob;

class MemoryBlobStorageTest extends BlobStorageContract {
    @Override
    protected BlobStorage storage() {
        return new MemoryBlobStorage();
    }
}
