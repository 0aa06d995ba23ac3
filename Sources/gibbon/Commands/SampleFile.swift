// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The declarative file that `gibbon config init` writes.
enum SampleFile {
  static let text = """
    # A declarative configuration: everything this gateway does, in one file.
    # Check it with `gibbon config parse kong.yml`; after a change run `gibbon reload`.
    _format_version: "3.0"
    _transform: true

    # A service is something of yours that answers; its routes say which requests go there.
    services:
      - name: example
        url: http://127.0.0.1:3000
        connect_timeout: 5000
        routes:
          # http://localhost:8000/example/users becomes http://127.0.0.1:3000/users
          - name: example
            paths:
              - /example
            strip_path: true
        # Plugins of a service act on its requests only.
        # plugins:
        #   - name: key-auth

    # A route needs no service when a plugin answers.
    routes:
      - name: welcome
        paths:
          - /
        plugins:
          - name: request-termination
            config:
              status_code: 200
              message: Gibbon is running

    # Who calls. With key-auth above, `curl -H 'apikey: open-sesame'` is let in.
    # consumers:
    #   - username: alice
    #     keyauth_credentials:
    #       - key: open-sesame

    """
}
