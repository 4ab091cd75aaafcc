package io.varve.cli;

import io.varve.job.cluster.ClusterRestore;
import io.varve.job.definition.Quantity;
import io.varve.kube.claim.VolumeMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** The options of {@code restore run --to-pvc}. What is not said is as it was backed up. */
final class RestoreClaimOptions {

    @Option(
            names = "--definition",
            paramLabel = "DEFINITION",
            description = {
                "Says how movers are started: a file, or the name of one in this pod.",
                "Any of this repository will do; its volumes and its schedule do not matter."
            })
    private Optional<String> definition = Optional.empty();

    @Option(
            names = "--storage-class",
            paramLabel = "NAME",
            description = "Of the new claim; needed where the old one is not there.")
    private Optional<String> storageClass = Optional.empty();

    @Option(
            names = "--volume-mode",
            paramLabel = "block|filesystem",
            description = "Of the new claim.")
    private Optional<VolumeMode> volumeMode = Optional.empty();

    @Option(
            names = "--access-mode",
            paramLabel = "MODE",
            description = "Of the new claim, such as ReadWriteOnce; may be repeated.")
    private List<String> accessModes = new ArrayList<>();

    @Option(
            names = "--size",
            paramLabel = "QUANTITY",
            description = "Of the new claim, such as 20Gi; not less than the backup's.")
    private Optional<String> size = Optional.empty();

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "Where the new claim is to be usable, if its class waits for a pod.")
    private Optional<String> node = Optional.empty();

    @Option(
            names = "--create-namespace",
            description = "Make the new claim's namespace if it is not there.")
    private boolean createNamespace;

    /** Whether anything is said of a new claim. */
    boolean ofNewClaim() {
        return storageClass.isPresent()
                || volumeMode.isPresent()
                || !accessModes.isEmpty()
                || size.isPresent()
                || node.isPresent()
                || createNamespace;
    }

    boolean given() {
        return ofNewClaim() || definition.isPresent();
    }

    String definition() throws UsageException {
        return definition.orElseThrow(
                () ->
                        new UsageException(
                                "--to-pvc needs --definition, which says how movers are started"));
    }

    ClusterRestore.NewClaim newClaim() throws UsageException {
        return new ClusterRestore.NewClaim(
                storageClass, volumeMode, List.copyOf(accessModes), bytes(), node, createNamespace);
    }

    /** The options that were given, but for the definition, as they can be given again. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        storageClass.ifPresent(name -> words.addAll(List.of("--storage-class", name)));
        volumeMode.ifPresent(
                mode ->
                        words.addAll(
                                List.of("--volume-mode", mode.name().toLowerCase(Locale.ROOT))));
        accessModes.forEach(mode -> words.addAll(List.of("--access-mode", mode)));
        size.ifPresent(text -> words.addAll(List.of("--size", text)));
        node.ifPresent(name -> words.addAll(List.of("--node", name)));
        if (createNamespace) {
            words.add("--create-namespace");
        }
        return words;
    }

    private OptionalLong bytes() throws UsageException {
        try {
            return size.isPresent()
                    ? OptionalLong.of(Quantity.bytes(size.get()))
                    : OptionalLong.empty();
        } catch (IllegalArgumentException e) {
            throw new UsageException("--size: " + e.getMessage(), e);
        }
    }
}
