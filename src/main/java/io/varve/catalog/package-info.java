/**
 * Varve's own tables, beside those of Spring Batch: runs with their plans, and staged blocks.
 *
 * <p>The schema is {@code db/migrations}, per vendor and applied by Flyway; the SQL here is what H2
 * and PostgreSQL share. Each write joins the transaction that is open, so that a checkpoint's rows
 * and Spring Batch's commit together. What repositories hold is never read from here.
 */
@NullMarked
package io.varve.catalog;

import org.jspecify.annotations.NullMarked;
