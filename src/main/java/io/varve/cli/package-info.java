/**
 * The command line: one class a noun, one method a verb.
 *
 * <p>Names, JSON keys and exit codes are a contract with scripts (README.md); more may be added,
 * none changes. Results go to standard output, all else to standard error. Only commands that run
 * or show jobs open the database; all others may run at once, beside a running backup.
 */
@NullMarked
package io.varve.cli;

import org.jspecify.annotations.NullMarked;
