package volume

import (
	"context"
	"fmt"
	"time"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type token struct {
	text  string
	renew time.Time
}

// A token of the pod's ServiceAccount, bound to the pod. It is renewed when four fifths of its time are over.
func (s *Set) token(ctx context.Context, pod *core.Pod, volume string, from *core.ServiceAccountTokenProjection) (map[string]file, error) {
	key := volume + "/" + from.Path
	held := s.tokens[key]
	if time.Now().After(held.renew) {
		request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
			ExpirationSeconds: from.ExpirationSeconds,
			BoundObjectRef:    &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
		}}
		if from.Audience != "" {
			request.Spec.Audiences = []string{from.Audience}
		}
		account := pod.Spec.ServiceAccountName
		issued, err := s.host.Kube.CoreV1().ServiceAccounts(pod.Namespace).CreateToken(ctx, account, request, meta.CreateOptions{})
		if err != nil {
			return nil, fmt.Errorf("failed to fetch token: %w", err)
		}
		now := time.Now()
		held = token{issued.Status.Token, now.Add(issued.Status.ExpirationTimestamp.Sub(now) * 4 / 5)}
		s.tokens[key] = held
	}
	owner, mode := readers(pod)
	return map[string]file{from.Path: {[]byte(held.text), mode, owner}}, nil
}

// A token is for the user of the containers alone if that is one, for the pod's group if it has one, otherwise for all.
func readers(pod *core.Pod) (owner int, mode int32) {
	if fsGroup(pod) != nil {
		return -1, tokenMode
	}
	users := map[int64]bool{}
	for _, container := range append(append([]core.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		user := (*int64)(nil)
		if pod.Spec.SecurityContext != nil {
			user = pod.Spec.SecurityContext.RunAsUser
		}
		if container.SecurityContext != nil && container.SecurityContext.RunAsUser != nil {
			user = container.SecurityContext.RunAsUser
		}
		if user == nil {
			return -1, defaultMode
		}
		users[*user] = true
		owner = int(*user)
	}
	if len(users) != 1 {
		return -1, defaultMode
	}
	return owner, tokenMode
}
