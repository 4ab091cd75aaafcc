package sidecar

import (
	"context"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var metadataServices = schema.GroupVersionResource{Group: "cbt.storage.k8s.io", Version: "v1beta1", Resource: "snapshotmetadataservices"}

// Who sent the token, if it is meant for the audience that the driver's SnapshotMetadataService names now.
func (s *Sidecar) authenticate(ctx context.Context, token string) (authentication.UserInfo, error) {
	object, err := s.objects.Resource(metadataServices).Get(ctx, s.config.Driver, meta.GetOptions{})
	if err != nil {
		return authentication.UserInfo{}, status.Errorf(codes.Internal, "SnapshotMetadataService %s: %v", s.config.Driver, err)
	}
	audience, _, err := unstructured.NestedString(object.Object, "spec", "audience")
	if err != nil {
		return authentication.UserInfo{}, status.Errorf(codes.Internal, "SnapshotMetadataService %s: %v", s.config.Driver, err)
	}
	review, err := s.kube.AuthenticationV1().TokenReviews().Create(ctx, &authentication.TokenReview{
		Spec: authentication.TokenReviewSpec{Token: token, Audiences: []string{audience}},
	}, meta.CreateOptions{})
	if err != nil {
		return authentication.UserInfo{}, status.Errorf(codes.Internal, "TokenReview: %v", err)
	}
	if !review.Status.Authenticated || !slices.Contains(review.Status.Audiences, audience) {
		return authentication.UserInfo{}, status.Errorf(codes.Unauthenticated, "the token is not valid for the audience %s: %s", audience, review.Status.Error)
	}
	return review.Status.User, nil
}

// Whether the user may get all VolumeSnapshots of the namespace: a rule that names some does not do.
func (s *Sidecar) authorize(ctx context.Context, user authentication.UserInfo, namespace string) error {
	extra := map[string]authorization.ExtraValue{}
	for key, values := range user.Extra {
		extra[key] = authorization.ExtraValue(values)
	}
	review, err := s.kube.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorization.SubjectAccessReview{
		Spec: authorization.SubjectAccessReviewSpec{
			User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
			ResourceAttributes: &authorization.ResourceAttributes{
				Group: volumeSnapshots.Group, Version: volumeSnapshots.Version, Resource: volumeSnapshots.Resource,
				Verb: "get", Namespace: namespace,
			},
		},
	}, meta.CreateOptions{})
	if err != nil {
		return status.Errorf(codes.Internal, "SubjectAccessReview: %v", err)
	}
	if !review.Status.Allowed {
		return status.Errorf(codes.PermissionDenied, "%s may not get volumesnapshots in namespace %s: %s", user.Username, namespace, review.Status.Reason)
	}
	return nil
}
