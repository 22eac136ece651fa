"""What has to hold whatever people do, tried in many ways."""
