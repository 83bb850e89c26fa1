-- +goose Up
CREATE INDEX control_totals_unit_id_month_regulation_clause_result_n_ix ON control_totals (unit_id, month, regulation, clause, result, n);
CREATE INDEX control_totals_regulation_unit_id_month_clause_result_n_ix ON control_totals (regulation, unit_id, month, clause, result, n);
-- what the indexes above take the place of
DROP INDEX control_totals_month_regulation_clause_result_unit_id_n_ix;
DROP INDEX control_totals_clause_month_result_unit_id_n_ix;
