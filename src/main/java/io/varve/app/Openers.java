package io.varve.app;

import io.micrometer.core.instrument.Metrics;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import io.varve.blob.azure.AzureBlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.blob.google.GoogleBlobStorage;
import io.varve.blob.retry.RetryPolicy;
import io.varve.blob.retry.RetryingBlobStorage;
import io.varve.blob.s3.S3BlobStorage;
import io.varve.cli.Surroundings.StorageOpener;
import io.varve.job.DeviceOpener;
import io.varve.repository.content.NoRepositoryException;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockDevices;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.springframework.batch.core.listener.StepExecutionListener;

/**
 * What opens the world outside. Tests wrap these to die at chosen points.
 *
 * @param dataSource wraps the database that jobs use
 * @param stepHook sees each step of each job begin and end
 */
public record Openers(
        StorageOpener storage,
        DeviceOpener devices,
        UnaryOperator<DataSource> dataSource,
        StepExecutionListener stepHook) {

    /** The real world. */
    public static Openers real() {
        return new Openers(
                new Storages(),
                new Devices(),
                UnaryOperator.identity(),
                new StepExecutionListener() {});
    }

    /** Opens storages by the kind of their location. */
    private static final class Storages implements StorageOpener {

        @Override
        public BlobStorage open(StorageLocation location) throws IOException {
            try {
                return switch (location) {
                    case StorageLocation.Folder(Path path) -> FilesystemBlobStorage.open(path);
                    case StorageLocation.Bucket bucket -> retrying(S3BlobStorage.open(bucket));
                    case StorageLocation.GoogleBucket bucket ->
                            retrying(GoogleBlobStorage.open(bucket));
                    case StorageLocation.AzureContainer container ->
                            retrying(AzureBlobStorage.open(container));
                };
            } catch (BlobStorageException.NotFound e) {
                throw new NoRepositoryException(location.toString());
            }
        }

        @Override
        public BlobStorage create(StorageLocation location) throws IOException {
            return switch (location) {
                case StorageLocation.Folder(Path path) -> FilesystemBlobStorage.create(path);
                // A bucket is its owner's to make: it has settings that none here knows.
                case StorageLocation.Bucket bucket -> retrying(S3BlobStorage.create(bucket));
                case StorageLocation.GoogleBucket bucket ->
                        retrying(GoogleBlobStorage.create(bucket));
                case StorageLocation.AzureContainer container ->
                        retrying(AzureBlobStorage.create(container));
            };
        }

        private static BlobStorage retrying(BlobStorage storage) {
            return new RetryingBlobStorage(
                    storage,
                    RetryPolicy.STANDARD,
                    () -> Metrics.counter("varve.storage.retries").increment());
        }
    }

    /** Opens devices and image files. */
    private static final class Devices implements DeviceOpener {

        @Override
        public BlockDevice source(Path path) throws IOException {
            return BlockDevices.openSource(path);
        }

        @Override
        public BlockDevice target(Path path, TargetOptions options) throws IOException {
            return BlockDevices.openTarget(path, options);
        }
    }
}
