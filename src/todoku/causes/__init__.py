"""Why a requirement is not met, where several requirements share it: reasons, diagnoses, and the fixes that mend them."""
