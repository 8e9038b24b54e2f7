# What the admission model is, and what it says of an applicant. Nothing here knows of HTTP.

# Fits the model on the data of `admissions.csv`, made by make-data.py. `missing` holds what stands for a field that
# is not given: the mean of a number, the most frequent level of a factor.
fit_model <- function(path) {
  applicants <- read.csv(path, colClasses = c("integer", "numeric", "numeric", "factor"))
  list(
    logit = glm(admit ~ gre + gpa + rank, data = applicants, family = binomial),
    ranks = levels(applicants$rank),
    missing = list(
      gre = mean(applicants$gre),
      gpa = mean(applicants$gpa),
      rank = names(which.max(table(applicants$rank)))
    )
  )
}

# TRUE when the applicant is likelier admitted than not. `known` holds checked fields; absent ones are filled in.
admitted <- function(model, known) {
  applicant <- modifyList(model$missing, known)
  applicant$rank <- factor(applicant$rank, levels = model$ranks)
  unname(predict(model$logit, newdata = as.data.frame(applicant), type = "response") > 0.5)
}

refused <- function(...) structure(class = c("refused", "error", "condition"), list(message = sprintf(...), call = NULL))

number_between <- function(fields, name, low, high) {
  value <- fields[[name]]
  ok <- is.numeric(value) && length(value) == 1 && is.finite(value) && value >= low && value <= high
  if (!ok) stop(refused("%s: expected a number from %g to %g", name, low, high))
  value
}

one_of <- function(fields, name, choices) {
  value <- fields[[name]]
  ok <- (is.character(value) || is.numeric(value)) && length(value) == 1 && as.character(value) %in% choices
  if (!ok) stop(refused("%s: expected one of %s", name, paste(choices, collapse = ", ")))
  as.character(value)
}

# Checks the fields of a request; null and absent are the same, unknown ones are left out.
# Stops with a condition of class `refused` that names the field and what it may be.
check_fields <- function(model, fields) {
  given <- function(name) !is.null(fields[[name]])
  known <- list()
  if (given("gre")) {
    known$gre <- number_between(fields, "gre", 0, 800)
    if (known$gre != round(known$gre)) stop(refused("gre: expected a whole number from 0 to 800"))
  }
  if (given("gpa")) known$gpa <- number_between(fields, "gpa", 0, 4)
  if (given("rank")) known$rank <- one_of(fields, "rank", model$ranks)
  known
}
