# The R backend: Rserve's own HTTP server on port 8000, one forked process for each connection.
# The packages are loaded and the model is fitted once, before the port opens; every fork inherits them.

invisible(loadNamespace("jsonlite"))
source("/app/model.R")
model <- fit_model("/app/admissions.csv")
title <- sprintf("%s API", Sys.getenv("APP_PREFIX", "RSERVE"))

# Longer bodies are not JSON of three fields.
longest_body <- 4096

# One request a connection: on a kept one Rserve itself was seen to answer 400 without a body, before this file was asked.
answer <- function(status, value) {
  text <- as.character(jsonlite::toJSON(value, auto_unbox = TRUE))
  list(text, "application/json", "Connection: close", as.integer(status))
}

# Rserve hands over the method as a line of its own among the header lines.
method_of <- function(headers) {
  lines <- strsplit(rawToChar(headers[headers != 0]), "\r?\n", useBytes = TRUE)[[1]]
  line <- grep("^Request-Method: ", lines, value = TRUE, useBytes = TRUE)
  if (length(line) == 0) "GET" else sub("^Request-Method: ", "", line[[1]], useBytes = TRUE)
}

# The fields of a JSON object; none for an absent or empty body, or JSON null.
fields_of <- function(body) {
  if (length(body) == 0) return(list())
  if (length(body) > longest_body) stop(refused("body: expected at most %d bytes", longest_body))
  text <- tryCatch(rawToChar(body), error = function(e) "")
  if (!validUTF8(text) || !jsonlite::validate(text)) stop(refused("body: expected JSON"))
  value <- jsonlite::parse_json(text)
  if (is.null(value)) return(list())
  if (!is.list(value) || (length(value) > 0 && is.null(names(value)))) stop(refused("body: expected a JSON object"))
  value
}

# The fields of a query string, where every value is text. Rserve refuses a GET with a body by itself.
fields_of_query <- function(query) {
  fields <- as.list(query)
  for (name in intersect(c("gre", "gpa"), names(fields))) fields[[name]] <- suppressWarnings(as.numeric(fields[[name]]))
  fields
}

# R evaluates `fields` where it is used: what reading them refuses is answered here too.
admission <- function(fields) {
  tryCatch(
    answer(200, list(result = admitted(model, check_fields(model, fields)))),
    refused = function(problem) answer(400, list(detail = conditionMessage(problem)))
  )
}

resources <- list(
  "/" = list(GET = function(query, body) answer(200, list(title = title))),
  "/healthz" = list(GET = function(query, body) answer(200, list(status = "ok"))),
  "/admission" = list(
    GET = function(query, body) admission(fields_of_query(query)),
    POST = function(query, body) admission(fields_of(body))
  )
)

respond <- function(path, method, query, body) {
  methods <- resources[[path]]
  if (is.null(methods)) return(answer(404, list(detail = "Not Found")))
  handle <- methods[[if (method == "HEAD") "GET" else method]]
  if (is.null(handle)) answer(405, list(detail = "Method Not Allowed")) else handle(query, body)
}

# The name and the arguments are Rserve's.
.http.request <- function(url, query, body, headers) {
  tryCatch(respond(url, method_of(headers), query, body), error = function(problem) {
    message("request failed: ", conditionMessage(problem))
    answer(500, list(detail = "Internal Server Error"))
  })
}

# A broken image stops here rather than at the first request. Three calls: then R has compiled what they ran, and no
# fork does it again.
for (call in 1:3) stopifnot(respond("/admission", "POST", NULL, charToRaw('{"gre":600,"rank":"1"}'))[[4]] == 200)

# Of Rserve's protocols HTTP alone: the others evaluate whatever R code a caller sends.
Rserve::run.Rserve(
  config.file = "/dev/null",
  qap = "disable",
  http.port = 8000,
  http.raw.body = "enable",
  remote = "enable",
  interactive = "no"
)
