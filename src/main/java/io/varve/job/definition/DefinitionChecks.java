package io.varve.job.definition;

import io.varve.blob.StorageLocation;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a schema cannot say of a definition. */
final class DefinitionChecks {

    /** A second field that may be an hour in which clocks change. */
    private static final Pattern NIGHT = Pattern.compile("[^ ]+ 0?[123]([-,/ ].*)?");

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
        checks.checkRepository(definition.repository());
        checks.checkDatabase(definition.database());
        for (int i = 0; i < definition.policies().size(); i++) {
            checks.checkPolicy(definition.policies().get(i), "/policies/" + i + "/when");
        }
        checks.checkMover(definition.mover());
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

    private void checkRepository(Definition.Repository repository) {
        try {
            StorageLocation location = StorageLocation.parse(repository.location());
            Optional<String> problem =
                    switch (location) {
                        case StorageLocation.Folder _ when repository.claim().isEmpty() ->
                                Optional.of(
                                        "a folder in a container is lost with it; name the claim that holds it in repository.claim");
                        case StorageLocation.Folder _ -> Optional.empty();
                        case StorageLocation.Bucket _ ->
                                Optional.of(
                                        "pods have no credentials of a bucket yet; use file:///path and repository.claim");
                    };
            problem.ifPresent(words -> problems.add(tree.at("/repository/location", words)));
        } catch (IllegalArgumentException e) {
            problems.add(tree.at("/repository/location", String.valueOf(e.getMessage())));
        }
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
