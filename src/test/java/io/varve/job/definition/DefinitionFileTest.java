package io.varve.job.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A definition says what it means, or where exactly it does not. */
class DefinitionFileTest {

    private static final String SCHEDULE = "schedule: {cron: '%s', timeZone: Etc/UTC}\n";

    private static final String SMALLEST =
            """
            version: 1
            name: nightly
            repository:
              location: /repository
              claim: varve-repository
              password: {secret: varve, key: password}
            database:
              url: jdbc:postgresql://db/varve
              user: {secret: varve-db, key: user}
              password: {secret: varve-db, key: password}
            volumes:
              - namespaces: [shop]
            """;

    @TempDir Path folder;

    private DefinitionFile read(String text) throws IOException {
        return DefinitionFile.read(Files.writeString(folder.resolve("nightly.yaml"), text));
    }

    private List<String> problems(String text) throws IOException {
        return read(text).problems().stream()
                .map(problem -> problem.toString().replace(folder + "/", ""))
                .toList();
    }

    @Test
    void theSmallestDefinitionHasTheDefaultsOfTheSchema() throws IOException {
        DefinitionFile file = read(SMALLEST);

        assertThat(file.problems()).isEmpty();
        Definition definition = file.definition().orElseThrow();
        assertThat(definition.cluster()).isEqualTo("kubernetes");
        assertThat(definition.type()).isEqualTo("incremental");
        assertThat(definition.compareEvery()).isEqualTo(30);
        assertThat(definition.trackingTrusted()).isEmpty();
        assertThat(definition.schedule()).isEmpty();
        assertThat(definition.concurrency()).isEqualTo(new Definition.Concurrency(2, 1, 4, 2));
        assertThat(definition.limits().stall()).isEqualTo("15m");
        assertThat(definition.limits().volume()).isEmpty();
        assertThat(definition.mover().resources().limits()).isEmpty();
        assertThat(definition.volumes().getFirst().namespaces()).containsExactly("shop");
        assertThat(definition.policies()).isEmpty();
    }

    @Test
    void everythingThatIsWrittenIsRead() throws IOException {
        Definition definition =
                read(SMALLEST
                                + """
                        schedule: {cron: "30 4 * * *", timeZone: Europe/Berlin, suspend: true}
                        policies:
                          - when: {capacityAtLeast: 1Ti, drivers: [rbd.csi.ceph.com]}
                            action: skip
                          - action: block
                        storageClasses:
                          longhorn: {class: longhorn-one, readOnly: true}
                        drivers:
                          rbd.csi.ceph.com: {needsBase: false}
                        mover:
                          runAs: group
                          user: 1000
                          group: 6
                          affinity: {nodeAffinity: {}}
                          cache: {size: 1Gi}
                        """)
                        .definition()
                        .orElseThrow();

        assertThat(definition.schedule().orElseThrow().suspend()).isTrue();
        assertThat(definition.policies())
                .extracting(Policy::action)
                .containsExactly(Policy.Action.SKIP, Policy.Action.BLOCK);
        assertThat(definition.storageClasses())
                .hasEntrySatisfying(
                        "longhorn",
                        settings -> assertThat(settings.temporaryClass()).contains("longhorn-one"));
        assertThat(definition.drivers())
                .containsEntry("rbd.csi.ceph.com", new Definition.Driver(false, Optional.empty()));
        assertThat(definition.mover().group()).hasValue(6);
        assertThat(definition.mover().affinity()).containsKey("nodeAffinity");
        assertThat(definition.mover().cache().orElseThrow().size()).isEqualTo("1Gi");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "type: partial | 13:1: type: | full",
                "compareEvery: -1 | 13:1: compareEvery: | found -1",
                "trackingTrusted: [all] | 13:19: trackingTrusted[0]: | [0-9a-f]",
                "schedul: {} | 13:1: schedul: is not known here; known are version, name | schedule",
                "concurrency: {total: 0} | 13:15: concurrency.total: | found 0",
                "concurrency: {totals: 1} | 13:15: concurrency.totals: is not known here; known are total, perNode | streams",
                "schedule: {cron: '1 2 3', timeZone: Etc/UTC} | 13:12: schedule.cron: '1 2 3' is no schedule | five fields",
                "schedule: {cron: '99 2 * * *', timeZone: Etc/UTC} | 13:12: schedule.cron: '99 2 * * *' | five fields",
                "schedule: {cron: '@daily', timeZone: Mars/Base} | 13:28: schedule.timeZone: 'Mars/Base' | IANA",
                "cluster: local | 13:1: cluster: | local",
                "limits: {stall: soon} | 13:10: limits.stall: | soon",
                "mover: {runAs: owner} | 13:9: mover.runAs: owner needs mover.user | user",
                "policies: [{action: skip, when: {capacityAtLeast: 2Gi, capacityBelow: 1Gi}}] | 13:27: policies[0].when: no capacity | below 1Gi",
                "version: 1 | 13:1: version: comes twice | twice",
                "image: [ | 14:1: no valid YAML | YAML",
            })
    void eachProblemNamesLineColumnAndField(String line, String begins, String contains)
            throws IOException {
        List<String> problems = problems(SMALLEST + line + "\n");

        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst()).startsWith("nightly.yaml:" + begins).contains(contains);
    }

    /** What a CronJob takes: robfig/cron has neither Sunday as 7 nor ranges that wrap. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30 4 * * 7 | day of week",
                "30 4 * * SAT-SUN | day of week",
                "30 4 L * * | day of month",
                "30 4 15W * * | day of month",
                "30 4 * * FRIL | day of week",
                "30 4 * * MONDAY | day of week",
                "30 24 * * * | hour",
                "*/0 4 * * * | minute",
                "60 4 * * * | minute",
                "30 4 0 * * | day of month",
                "30 4 * 13 * | month",
            })
    void aScheduleThatKubernetesWouldRefuseIsAProblem(String cron, String field)
            throws IOException {
        assertThat(problems(SMALLEST + SCHEDULE.formatted(cron)))
                .singleElement()
                .asString()
                .contains("schedule.cron: '%s'".formatted(cron), field);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0-59/15 0,12 1-31 JAN-dec mon-Fri",
                "5/10 4 ? * SUN-TUE",
                "* * * * 0,6",
                "@midnight"
            })
    void aScheduleThatKubernetesTakesIsNone(String cron) throws IOException {
        assertThat(problems(SMALLEST + SCHEDULE.formatted(cron))).isEmpty();
    }

    @Test
    void aFolderNeedsAClaimAndADatabaseMustBeShared() throws IOException {
        String text =
                SMALLEST.replace("  claim: varve-repository\n", "")
                        .replace("jdbc:postgresql://db/varve", "jdbc:h2:file:/tmp/x");

        assertThat(problems(text))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("4:3: repository.location: a folder"))
                .anyMatch(problem -> problem.contains("7:3: database.url: movers are processes"));
    }

    @Test
    void aBucketNeedsNoClaimAndItsAuthoritiesAreThoseOfPods() throws IOException {
        String bucket =
                SMALLEST.replace("/repository", "s3://backups?ca=/etc/varve/authorities/ca.pem");
        String unclaimed = bucket.replace("  claim: varve-repository\n", "");

        assertThat(problems(bucket))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("5:3: repository.claim: a bucket"))
                .anyMatch(problem -> problem.contains("4:3: repository.location: /etc/varve"));
        assertThat(problems(unclaimed + "mover: {authorities: tls}\n")).isEmpty();
        assertThat(
                        problems(
                                unclaimed.replace("authorities/ca", "ca")
                                        + "mover: {authorities: tls}\n"))
                .singleElement()
                .asString()
                .contains("/etc/varve/ca.pem is in no pod");
    }

    @Test
    void aRateIsBytesASecondByTheTimeOfDay() throws IOException {
        String wrong = SMALLEST.replace("  claim:", "  limitUpload: fast\n  claim:");

        assertThat(problems(wrong))
                .singleElement()
                .asString()
                .contains("5:3: repository.limitUpload: 'fast' is no rate");
        assertThat(problems(wrong.replace("fast", "8:00-18:00=5Mi,20Mi"))).isEmpty();
    }

    @Test
    void aCacheThatHoldsNothingIsWarnedOfAndOneVolumeIsNotTwo() throws IOException {
        String bucket =
                SMALLEST.replace("  claim: varve-repository\n", "")
                        .replace("location: /repository", "location: s3://backups");
        String small = "mover: {cache: {size: 100Mi}}\n";
        assertThat(read(SMALLEST + small).warnings()).isEmpty();
        assertThat(read(bucket + small).warnings())
                .singleElement()
                .extracting(Object::toString)
                .asString()
                .contains("say 512Mi or more");
        assertThat(read(bucket + "mover: {cache: {size: 512Mi, claim: copies}}\n").warnings())
                .isEmpty();
        assertThat(
                        read(SMALLEST
                                        + "mover: {cache: {size: 1Gi, claim: copies, storageClass: fast}}\n")
                                .problems())
                .singleElement()
                .extracting(Object::toString)
                .asString()
                .contains("a volume of its own for each mover");
    }

    @Test
    void keysOfABucketNeedARegionAndStandNowhereElse() throws IOException {
        String keys =
                "  credentials: {accessKeyId: {secret: a, key: b}, secretAccessKey: {secret: a, key: b}}\n";
        String bucket =
                SMALLEST.replace("  claim: varve-repository\n", keys)
                        .replace("location: /repository", "location: s3://backups");

        assertThat(problems(bucket))
                .singleElement()
                .asString()
                .contains("4:3: repository.location: names no region");
        String near = bucket.replace("s3://backups", "s3://backups?region=eu-west-1");
        assertThat(problems(near)).isEmpty();
        assertThat(problems(near + "mover: {environment: {AWS_SECRET_ACCESS_KEY: plain}}\n"))
                .singleElement()
                .asString()
                .contains("mover.environment.AWS_SECRET_ACCESS_KEY", "use repository.credentials")
                .doesNotContain("plain\n");
        assertThat(read(near + "concurrency: {streams: 8}\n").warnings())
                .singleElement()
                .asString()
                .contains("8 streams to a bucket hold up to 528 MiB");
    }

    @Test
    void keysBelongToTheServiceOfTheirBucket() throws IOException {
        String key = "{secret: a, key: b}";
        String google =
                SMALLEST.replace(
                                "  claim: varve-repository\n",
                                "  credentials: {serviceAccountKey: %s}\n".formatted(key))
                        .replace("location: /repository", "location: gs://backups");

        assertThat(problems(google)).isEmpty();
        assertThat(problems(google.replace("gs://backups", "s3://backups?region=eu-west-1")))
                .singleElement()
                .asString()
                .contains("repository.credentials: serviceAccountKey cannot open AWS")
                .contains("say accessKeyId and secretAccessKey");
        assertThat(problems(google.replace("serviceAccountKey", "accessKeyId")))
                .singleElement()
                .asString()
                .contains("accessKeyId cannot open Google Cloud Storage; say serviceAccountKey");
        for (String variable :
                List.of(
                        "GOOGLE_APPLICATION_CREDENTIALS_JSON",
                        "GOOGLE_APPLICATION_CREDENTIALS",
                        "AZURE_FEDERATED_TOKEN_FILE",
                        "AZURE_AUTHORITY_HOST")) {
            assertThat(problems(google + "mover: {environment: {%s: plain}}\n".formatted(variable)))
                    .singleElement()
                    .asString()
                    .contains("use repository.credentials");
        }
    }

    @Test
    void anAccountOfAzureIsOpenedInOneWayOfThree() throws IOException {
        String key = "{secret: a, key: b}";
        for (String way :
                List.of(
                        "accountKey: %1$s",
                        "sasToken: %1$s", "tenantId: %1$s, clientId: %1$s, clientSecret: %1$s")) {
            assertThat(problems(azure(way.formatted(key)))).as(way).isEmpty();
        }
        assertThat(problems(azure("accountKey: %1$s, sasToken: %1$s".formatted(key))))
                .singleElement()
                .asString()
                .contains(
                        "accountKey and sasToken cannot open https://acme.blob.core.windows.net",
                        "say accountKey, or sasToken, or tenantId and clientId and clientSecret");
    }

    private static String azure(String keys) {
        return SMALLEST.replace(
                        "  claim: varve-repository\n", "  credentials: {%s}\n".formatted(keys))
                .replace("location: /repository", "location: azure://backups?account=acme");
    }

    @Test
    void aFolderNeedsNoKeys() throws IOException {
        String keys = "{accessKeyId: {secret: a, key: b}, secretAccessKey: {secret: a, key: b}}";

        assertThat(problems(SMALLEST.replace("  claim:", "  credentials: " + keys + "\n  claim:")))
                .singleElement()
                .asString()
                .contains("5:3: repository.credentials: a folder needs none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "- a",
                "just words",
                "a: &a [*a]",
                "a: !!int words",
                "a: !!no.such.Class {}",
                "a: \u0000",
                "? [a, b]\n: c",
                "---\na: 1\n---\nb: 2",
            })
    void garbageIsAProblemAndNothingWorse(String text) throws IOException {
        assertThat(read(text).problems()).isNotEmpty();
        assertThat(read(text).definition()).isEmpty();
    }

    @Test
    void aliasesOfAliasesDoNotFillTheMemory() throws IOException {
        StringBuilder text = new StringBuilder("a0: &a0 [1, 1]\n");
        for (int i = 1; i <= 24; i++) {
            text.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
        }

        assertThat(read(text.toString()).problems())
                .extracting(Problem::message)
                .allMatch(message -> message.contains("more than 100000 values"));
    }

    @Test
    void aFileThatIsNoTextIsAProblem() throws IOException {
        Path file = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0, 1, 2});

        assertThat(DefinitionFile.read(file).problems()).isNotEmpty();
    }

    @Test
    void anHourThatClocksSkipIsAWarning() throws IOException {
        String schedule = "schedule: {cron: '30 2 * * *', timeZone: %s}\n";

        assertThat(read(SMALLEST + schedule.formatted("Europe/Berlin")).warnings()).hasSize(1);
        assertThat(read(SMALLEST + schedule.formatted("Etc/UTC")).warnings()).isEmpty();
    }

    @Test
    void twoDefinitionsOfOneNameAreRefused() throws IOException {
        Path one = Files.writeString(folder.resolve("one.yaml"), SMALLEST);
        Path other = Files.writeString(folder.resolve("other.yaml"), SMALLEST);

        List<DefinitionFile> files = DefinitionFile.readAll(List.of(one, other));

        assertThat(files.getFirst().problems()).isEmpty();
        assertThat(files.getLast().problems().getFirst().message()).contains("one.yaml");
    }
}
