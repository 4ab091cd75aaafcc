package pod

import (
	"errors"
	"os/user"
	"slices"
	"strconv"

	core "k8s.io/api/core/v1"

	"varve/kubelet/container"
)

// What the API's security contexts of a pod and of its container come to.
type secured struct {
	runAs           container.User
	mustNotBeRoot   bool
	capabilities    []string
	noNewPrivileges bool
	readOnlyRoot    bool
	privileged      bool
}

func security(pod *core.Pod, of *core.Container) secured {
	outer, inner := pod.Spec.SecurityContext, of.SecurityContext
	if outer == nil {
		outer = &core.PodSecurityContext{}
	}
	if inner == nil {
		inner = &core.SecurityContext{}
	}
	is := secured{
		mustNotBeRoot:   isSet(inner.RunAsNonRoot) || inner.RunAsNonRoot == nil && isSet(outer.RunAsNonRoot),
		capabilities:    capabilities(inner.Capabilities),
		noNewPrivileges: inner.AllowPrivilegeEscalation != nil && !*inner.AllowPrivilegeEscalation,
		readOnlyRoot:    isSet(inner.ReadOnlyRootFilesystem),
		privileged:      isSet(inner.Privileged),
	}
	is.runAs.UID = int(first(inner.RunAsUser, outer.RunAsUser, 0))
	group := int64(0)
	if found, err := user.LookupId(strconv.Itoa(is.runAs.UID)); err == nil {
		group, _ = strconv.ParseInt(found.Gid, 10, 32)
	}
	is.runAs.GID = int(first(inner.RunAsGroup, outer.RunAsGroup, group))
	for _, gid := range outer.SupplementalGroups {
		is.runAs.Groups = append(is.runAs.Groups, int(gid))
	}
	if outer.FSGroup != nil {
		is.runAs.Groups = append(is.runAs.Groups, int(*outer.FSGroup))
	}
	return is
}

func (s secured) user() (container.User, error) {
	if s.privileged {
		return s.runAs, errors.New("this kubelet runs no privileged containers")
	}
	if s.mustNotBeRoot && s.runAs.UID == 0 {
		return s.runAs, errors.New("container has runAsNonRoot and image will run as root")
	}
	return s.runAs, nil
}

func capabilities(wanted *core.Capabilities) []string {
	has := slices.Clone(container.Default)
	if wanted == nil {
		return has
	}
	if slices.Contains(wanted.Add, "ALL") {
		has = container.All()
	}
	if slices.Contains(wanted.Drop, "ALL") {
		has = nil
	}
	for _, name := range wanted.Drop {
		has = slices.DeleteFunc(has, func(one string) bool { return one == string(name) })
	}
	for _, name := range wanted.Add {
		if name != "ALL" {
			has = append(has, string(name))
		}
	}
	return has
}

func first(inner, outer *int64, otherwise int64) int64 {
	if inner != nil {
		return *inner
	}
	if outer != nil {
		return *outer
	}
	return otherwise
}
