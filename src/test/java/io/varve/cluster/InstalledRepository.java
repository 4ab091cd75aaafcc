package io.varve.cluster;

import io.varve.blob.StorageLocation;
import io.varve.blob.s3.S3Server;
import java.util.List;

/**
 * Where an installed Varve keeps its backups.
 *
 * @param field {@code repository} of its definition, in YAML
 * @param objects that it needs in Varve's namespace, in YAML without their namespace, which is
 *     {@code %s}
 * @param exists nobody has to make it
 */
record InstalledRepository(String field, List<String> objects, boolean exists) {

    private static final String PASSWORD =
            """
            {apiVersion: v1, kind: Secret, metadata: {namespace: "%%s", name: repository}, stringData: {password: "%s"}}
            """
                    .formatted(InstalledVarve.PASSWORD);

    /** A folder of a claim. */
    static InstalledRepository inClaim(ClusterStorage storage) {
        return new InstalledRepository(
                "{location: \"file:///repository\", claim: repository, password: {secret: repository, key: password}}",
                List.of(
                        PASSWORD,
                        """
                        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%%s", name: repository}, spec: {
                          storageClassName: "%s", accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
                        """
                                .formatted(storage.driver())),
                false);
    }

    /** A bucket whose keys are in a Secret. */
    static InstalledRepository inBucket(StorageLocation.Bucket bucket) {
        return new InstalledRepository(
                """
                {location: "%s", password: {secret: repository, key: password},
                  credentials: {accessKeyId: {secret: bucket, key: id}, secretAccessKey: {secret: bucket, key: secret}}}
                """
                        .formatted(bucket)
                        .strip(),
                List.of(
                        PASSWORD,
                        """
                        {apiVersion: v1, kind: Secret, metadata: {namespace: "%%s", name: bucket}, stringData: {id: "%s", secret: "%s"}}
                        """
                                .formatted(S3Server.ACCESS_KEY, S3Server.SECRET_KEY)),
                false);
    }

    /** As another installation finds it, which has its password. */
    InstalledRepository existing() {
        return new InstalledRepository(field, objects, true);
    }
}
