package io.varve.kube.claim;

/** Whether a claim can be backed up, decided before anything is made for it. */
public sealed interface ClaimState {

    String namespace();

    String name();

    record Ready(SourceClaim claim) implements ClaimState {
        @Override
        public String namespace() {
            return claim.namespace();
        }

        @Override
        public String name() {
            return claim.name();
        }
    }

    /**
     * @param reason such as {@code is not bound: phase Pending}
     */
    record Unsupported(String namespace, String name, String reason) implements ClaimState {}
}
