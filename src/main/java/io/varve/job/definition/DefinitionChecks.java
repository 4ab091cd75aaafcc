package io.varve.job.definition;

import static io.varve.kube.mover.MoverSettings.Extras.AUTHORITIES_PATH;

import io.varve.blob.StorageLocation;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a schema cannot say of a definition. */
final class DefinitionChecks {

    /** A second field that may be an hour in which clocks change. */
    private static final Pattern NIGHT = Pattern.compile("[^ ]+ 0?[123]([-,/ ].*)?");

    /** Beside those of keys. */
    private static final Set<String> SDK_VARIABLES =
            Set.of(
                    "AWS_ENDPOINT_URL",
                    "AWS_ENDPOINT_URL_S3",
                    "AWS_REGION",
                    "AZURE_AUTHORITY_HOST",
                    "AZURE_FEDERATED_TOKEN_FILE",
                    "GOOGLE_APPLICATION_CREDENTIALS");

    /** With the usual packs, of 20 MiB and a little more. */
    private static final int PACKS_OF_A_STREAM_MIB = 66;

    private static final int STREAMS_IN_STANDARD_MEMORY = 2;

    private final YamlTree tree;
    private final List<Problem> problems;
    private final List<Problem> warnings;

    private DefinitionChecks(YamlTree tree, List<Problem> problems, List<Problem> warnings) {
        this.tree = tree;
        this.problems = problems;
        this.warnings = warnings;
    }

    static void check(
            Definition definition, YamlTree tree, List<Problem> problems, List<Problem> warnings) {
        DefinitionChecks checks = new DefinitionChecks(tree, problems, warnings);
        definition.schedule().ifPresent(checks::checkSchedule);
        checks.checkRepository(definition.repository(), definition.mover().authorities());
        checks.checkDatabase(definition.database());
        for (int i = 0; i < definition.policies().size(); i++) {
            checks.checkPolicy(definition.policies().get(i), "/policies/" + i + "/when");
        }
        checks.checkMover(definition.mover());
        checks.checkEnvironment(definition.mover());
        definition.mover().cache().ifPresent(cache -> checks.checkCache(cache, definition));
        checks.checkMemory(definition);
        checks.checkConcurrency(definition.concurrency());
    }

    private void checkSchedule(Definition.Schedule schedule) {
        String cron = schedule.cron();
        List<String> wrong = CronSchedule.problems(cron);
        if (!wrong.isEmpty()) {
            problems.add(
                    tree.at(
                            "/schedule/cron",
                            "'%s' is no schedule of five fields, such as '30 4 * * *', or a short form such as @daily: %s"
                                    .formatted(cron, String.join("; ", wrong))));
        }
        boolean zone = ZoneId.getAvailableZoneIds().contains(schedule.timeZone());
        if (zone && NIGHT.matcher(cron).matches() && changesClocks(schedule.timeZone())) {
            warnings.add(
                    tree.at(
                            "/schedule/cron",
                            "where clocks change, an hour between 1 and 3 comes twice, or never, once a year"));
        }
        if (!zone) {
            problems.add(
                    tree.at(
                            "/schedule/timeZone",
                            "'%s' is no IANA time zone, such as Europe/Berlin or Etc/UTC"
                                    .formatted(schedule.timeZone())));
        }
    }

    private static boolean changesClocks(String zone) {
        return !ZoneId.of(zone).getRules().getTransitionRules().isEmpty();
    }

    /**
     * @param authorities that pods are given
     */
    private void checkRepository(Definition.Repository repository, Optional<String> authorities) {
        try {
            switch (StorageLocation.parse(repository.location())) {
                case StorageLocation.Folder _ -> checkFolder(repository);
                case StorageLocation.ObjectStore store -> {
                    checkStore(store, repository);
                    if (store instanceof StorageLocation.Bucket bucket) {
                        checkRegion(bucket, repository);
                        checkCertificates(bucket, authorities);
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            problems.add(tree.at("/repository/location", String.valueOf(e.getMessage())));
        }
        checkRate("/repository/limitUpload", repository.limitUpload());
        checkRate("/repository/limitDownload", repository.limitDownload());
    }

    private void checkRate(String place, Optional<String> rate) {
        try {
            rate.ifPresent(Rates::parse);
        } catch (IllegalArgumentException e) {
            problems.add(tree.at(place, String.valueOf(e.getMessage())));
        }
    }

    private void checkFolder(Definition.Repository repository) {
        if (repository.claim().isEmpty()) {
            problems.add(
                    tree.at(
                            "/repository/location",
                            "a folder in a container is lost with it; name the claim that holds it in repository.claim"));
        }
        if (!repository.credentials().isEmpty()) {
            problems.add(
                    tree.at(
                            "/repository/credentials",
                            "a folder needs none; leave them out, or name a bucket, such as s3://…, in repository.location"));
        }
    }

    private void checkStore(StorageLocation.ObjectStore store, Definition.Repository repository) {
        if (repository.claim().isPresent()) {
            problems.add(
                    tree.at(
                            "/repository/claim",
                            "a bucket lies in no claim; leave it out, or name a folder in repository.location"));
        }
        List<List<String>> ways = StoreKeys.ways(store);
        Set<String> keys = repository.credentials().keySet();
        if (!keys.isEmpty() && ways.stream().noneMatch(way -> Set.copyOf(way).equals(keys))) {
            problems.add(
                    tree.at(
                            "/repository/credentials",
                            "%s cannot open %s; say %s"
                                    .formatted(
                                            String.join(" and ", new TreeSet<>(keys)),
                                            store.server(),
                                            ways.stream()
                                                    .map(way -> String.join(" and ", way))
                                                    .collect(Collectors.joining(", or ")))));
        }
    }

    private void checkRegion(StorageLocation.Bucket bucket, Definition.Repository repository) {
        boolean nowhere = bucket.endpoint().isEmpty() && bucket.region().isEmpty();
        if (nowhere && !repository.credentials().isEmpty()) {
            problems.add(
                    tree.at(
                            "/repository/location",
                            "names no region, and keys from a Secret bring none into a pod; add ?region=NAME or ?endpoint=URL"));
        }
    }

    /** What is meant for the SDK has places of its own, for launchers too. */
    private void checkEnvironment(MoverOptions mover) {
        mover.environment().keySet().stream()
                .filter(
                        name ->
                                SDK_VARIABLES.contains(name)
                                        || StoreKeys.variables().contains(name))
                .forEach(
                        name ->
                                problems.add(
                                        tree.at(
                                                "/mover/environment/" + name,
                                                "would be in plain text, or at movers alone; use repository.credentials, or endpoint= and region= in repository.location")));
    }

    private void checkCache(MoverOptions.Cache cache, Definition definition) {
        if (cache.claim().isPresent() && cache.storageClass().isPresent()) {
            problems.add(
                    tree.at(
                            "/mover/cache/storageClass",
                            "is that of a volume of its own for each mover; leave it out, or mover.cache.claim"));
        }
        if (isInBucket(definition) && cache.bytesOfCopies() == 0) {
            warnings.add(
                    tree.at(
                            "/mover/cache/size",
                            "%s is too little to keep copies of a bucket's blobs; say 512Mi or more"
                                    .formatted(cache.size())));
        }
    }

    private static boolean isInBucket(Definition definition) {
        return StorageLocation.isObjectStore(definition.repository().location());
    }

    /** Each stream fills one pack while two are on their way. */
    private void checkMemory(Definition definition) {
        boolean standard = definition.mover().resources().limits().isEmpty();
        int streams = definition.concurrency().streams();
        if (isInBucket(definition) && standard && streams > STREAMS_IN_STANDARD_MEMORY) {
            warnings.add(
                    tree.at(
                            "/concurrency/streams",
                            "%d streams to a bucket hold up to %d MiB of packs, beside what a mover needs; say mover.resources"
                                    .formatted(streams, streams * PACKS_OF_A_STREAM_MIB)));
        }
    }

    /** Of a host's files there is none in a pod. */
    private void checkCertificates(StorageLocation.Bucket bucket, Optional<String> authorities) {
        bucket.certificates()
                .filter(file -> authorities.isEmpty() || !file.startsWith(AUTHORITIES_PATH))
                .ifPresent(
                        file ->
                                problems.add(
                                        tree.at(
                                                "/repository/location",
                                                "%s is in no pod; name a ConfigMap in mover.authorities, whose keys are files below %s"
                                                        .formatted(file, AUTHORITIES_PATH))));
    }

    private void checkDatabase(Definition.Database database) {
        if (!database.url().startsWith("jdbc:postgresql:")) {
            problems.add(
                    tree.at(
                            "/database/url",
                            "movers are processes of their own and need PostgreSQL (jdbc:postgresql://HOST/NAME), found '%s'"
                                    .formatted(database.url().split("[?;]", 2)[0])));
        }
        if (database.url().contains("password=")) {
            problems.add(
                    tree.at(
                            "/database/url",
                            "holds a password, which everybody who reads the definition sees; use database.password"));
        }
    }

    private void checkPolicy(Policy policy, String place) {
        Policy.Condition when = policy.when();
        if (when.capacityAtLeast().isPresent()
                && when.capacityBelow().isPresent()
                && Quantity.bytes(when.capacityAtLeast().get())
                        >= Quantity.bytes(when.capacityBelow().get())) {
            problems.add(
                    tree.at(
                            place,
                            "no capacity is at least %s and below %s"
                                    .formatted(
                                            when.capacityAtLeast().get(),
                                            when.capacityBelow().get())));
        }
    }

    private void checkMover(MoverOptions mover) {
        boolean ordinary = !mover.runAs().equals("root");
        if (ordinary && mover.user().isEmpty()) {
            problems.add(tree.at("/mover/runAs", "%s needs mover.user".formatted(mover.runAs())));
        }
        if (mover.runAs().equals("group") && mover.group().isEmpty()) {
            problems.add(tree.at("/mover/runAs", "group needs mover.group"));
        }
    }

    private void checkConcurrency(Definition.Concurrency concurrency) {
        if (concurrency.maxPrepared() < concurrency.total()) {
            warnings.add(
                    tree.at(
                            "/concurrency/maxPrepared",
                            "%d VolumeSnapshots ahead never let %d volumes run at once"
                                    .formatted(concurrency.maxPrepared(), concurrency.total())));
        }
    }
}
