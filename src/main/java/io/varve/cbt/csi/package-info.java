/**
 * Changed blocks as a CSI driver knows them: the client of Kubernetes' SnapshotMetadata service
 * (KEP-3314). The only home of gRPC.
 *
 * <p>{@link io.varve.cbt.csi.MetadataClient} asks one question and gets a whole answer or none: it
 * resumes a stream that breaks, and asks again behind the end of one that did not.
 */
@NullMarked
package io.varve.cbt.csi;

import org.jspecify.annotations.NullMarked;
