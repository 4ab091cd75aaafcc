package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A launcher repeats what its mover said, not how it was packed. */
class MoverWordsTest {

    @Test
    void ofADocumentItsMessageIsTaken() {
        assertThat(
                        MoverWords.sentence(
                                "{\"what\":\"mover run\",\"exitCode\":1,\"message\":\"no space left\"}\n"))
                .isEqualTo("no space left");
        assertThat(MoverWords.sentence("{\"what\":\"mover run\",\"message\":null}")).isEmpty();
    }

    @Test
    void ofALogItsLastLineIsTakenIfThatIsADocument() {
        assertThat(
                        MoverWords.sentence(
                                "{\"level\":\"INFO\",\"message\":\"half\"}\n{\"level\":\"ERROR\",\"message\":\"device gone\"}"))
                .isEqualTo("device gone");
    }

    @Test
    void whatIsNoDocumentIsRepeatedAsItIs() {
        assertThat(MoverWords.sentence("java: out of memory\n  at x"))
                .isEqualTo("java: out of memory\n  at x");
        assertThat(MoverWords.sentence("")).isEmpty();
    }
}
